#pragma once

// Consumer: a member of a consumer group that reads one message at a time.
//
// The group hands out partitions; where to start in each is the caller's decision, because offsets live in the caller's database. So an
// Assigned must be answered by begin() and a Revoked by end(), on the polling thread, before the next poll(). An Assigned may be empty
// (more members than partitions) and says all that the member has; a Revoked is never empty and, in the range protocol that all brokers
// here speak, takes everything back.
//
// Promise    Messages come only from partitions begun and not ended, each partition from its position on, in offset order without a gap
//            but for what the log itself dropped.
// Threads    One thread, all functions.
// Failure    poll() reports transport trouble as an event and goes on; the other functions throw base::Unavailable.

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "messaging/message.hpp"

namespace countersign::messaging {

struct Assigned {
  std::vector<TopicPartition> partitions;  // all that this member now has
};
struct Revoked {
  std::vector<TopicPartition> partitions;
  bool lost = false;  // the group has already given them to another member
};
struct Trouble {
  std::string what;
  bool fatal = false;                  // this consumer is of no more use: another member took its instance name
  bool out_of_range = false;           // the position asked for does not exist on the log: the partition rests until seek() or begin()
  std::optional<TopicPartition> at{};  // where, when it concerns one partition
};
struct Quiet {};  // nothing came within the wait

using Event = std::variant<Quiet, Message, Assigned, Revoked, Trouble>;

struct Watermarks {
  std::int64_t low = 0;   // offset of the oldest message
  std::int64_t high = 0;  // offset that the next message will get
};

class Consumer {
 public:
  virtual ~Consumer() = default;
  virtual Event poll(std::chrono::milliseconds wait) = 0;
  // Adds to what is read. For a partition that is being read already: as seek().
  virtual void begin(const std::vector<Position>& positions) = 0;
  // Takes from what is read; the others go on undisturbed. Also without a Revoked, to give a partition up for a while.
  virtual void end(const std::vector<TopicPartition>& partitions) = 0;
  // The partition must have been begun.
  virtual void seek(const Position& position) = 0;
  virtual Watermarks watermarks(const TopicPartition& partition) = 0;
  // The message at exactly that offset, read aside from the subscription; absent when the log no longer (or not yet) has it.
  virtual std::optional<Message> find_message(const TopicPartition& partition, std::int64_t offset) = 0;
  // Tells the broker how far we are, for lag tools only; never waits.
  virtual void note_progress(const std::vector<Position>& positions) = 0;
  // Leaves the group; a member with an instance name keeps its place there until the session times out. Gives up after `deadline`.
  // Nothing else may be called afterwards. The destructor closes too, if that was not done.
  virtual void close(std::chrono::milliseconds deadline) = 0;
};

struct ConsumerOptions {
  std::string group;
  std::vector<std::string> topics;
  std::string instance;  // stable name for static membership; empty: dynamic. A second live member of the same name ends the first.
};

}  // namespace countersign::messaging
