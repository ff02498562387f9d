#pragma once

// PartitionLedger: the partitions that a stage has taken over, and how far it has come in each.
//
// Taking over raises the epoch in PostgreSQL, so that whoever had the partition before can commit no more, and checks that the log is
// still the log whose offsets we know: the message before the next one must be the one that was consumed last. A log that was truncated or
// made again under the same name is not consumed; the partition is blocked until `countersign offsets repair`.
//
// Promise    A partition is consumed only between a good take-over and its loss.
// Threads    The stage's thread.
// Failure    Throws what the session and the consumer throw; the partition is then not owned.

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/uuid.hpp"
#include "messaging/consumer.hpp"
#include "postgres/session.hpp"

namespace countersign::pipeline {

struct OwnedPartition {
  std::int64_t epoch = 0;
  std::int64_t next = 0;           // first offset not committed
  std::int64_t expected = 0;       // first offset not received
  std::string digest;              // of the message at next - 1; empty when none
  std::int64_t careful_until = 0;  // below this offset batches hold one message, because earlier processes died here
};

class PartitionLedger {
 public:
  // `careful_span`: how many messages after a repeated stall are taken one by one.
  PartitionLedger(std::string group, std::int64_t careful_span) : group_(std::move(group)), careful_span_(careful_span) {}

  // Returns where to begin, or why the partition must not be consumed.
  struct Blocked {
    std::string reason;
  };
  using Verdict = std::variant<messaging::Position, Blocked>;
  Verdict take_over(const messaging::TopicPartition& at, postgres::Session& session, messaging::Consumer& consumer,
                    const base::Uuid& incarnation);

  // Compares the log with what was consumed last; a reason when they differ.
  std::optional<std::string> check_log(const messaging::TopicPartition& at, messaging::Consumer& consumer) const;

  void drop(const messaging::TopicPartition& at) { owned_.erase(at); }
  void clear() { owned_.clear(); }
  OwnedPartition* find(const messaging::TopicPartition& at);
  const std::map<messaging::TopicPartition, OwnedPartition>& owned() const noexcept { return owned_; }

 private:
  std::optional<std::string> compare_log(const messaging::TopicPartition& at, const OwnedPartition& mine,
                                         messaging::Consumer& consumer) const;

  std::string group_;
  std::int64_t careful_span_;
  std::map<messaging::TopicPartition, OwnedPartition> owned_;
};

// What consumer_offset.digest holds: SHA-256 over key, value and headers, each with its length. 32 bytes.
std::string digest_of(const messaging::Message& message);

}  // namespace countersign::pipeline
