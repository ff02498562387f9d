#pragma once

// MemoryConsumer: a Consumer of a MemoryBroker.
//
// Threads    As Consumer; end_session() and give_trouble() from any thread.

#include <map>
#include <memory>

#include "messaging/consumer.hpp"
#include "messaging/memory/memory_cluster.hpp"

namespace countersign::messaging::memory {

class MemoryConsumer final : public Consumer {
 public:
  MemoryConsumer(MemoryCluster& cluster, const ConsumerOptions& options);
  ~MemoryConsumer() override;

  Event poll(std::chrono::milliseconds wait) override;
  void begin(const std::vector<Position>& positions) override;
  void end(const std::vector<TopicPartition>& partitions) override;
  void seek(const Position& position) override;
  Watermarks watermarks(const TopicPartition& partition) override;
  std::optional<Message> find_message(const TopicPartition& partition, std::int64_t offset) override;
  void note_progress(const std::vector<Position>& positions) override;
  void close(std::chrono::milliseconds deadline) override;

  void end_session();
  void give_trouble(const Trouble& trouble);

 private:
  struct Reading {
    std::int64_t next = 0;
    bool resting = false;  // out of range: until seek() or begin()
  };
  // All with the cluster's mutex held.
  std::optional<Event> take_event();
  std::optional<Event> take_pending();
  std::optional<Event> take_message();
  std::optional<Event> read(const TopicPartition& at, Reading& reading);

  MemoryCluster& cluster_;
  MemoryGroup& group_;
  std::shared_ptr<MemoryMember> member_;
  std::map<TopicPartition, Reading> readings_;
  TopicPartition last_;  // partitions take turns
  bool told_unreachable_ = false;
  bool closed_ = false;
};

}  // namespace countersign::messaging::memory
