#pragma once

// MemoryLog: topics and partitions in memory.
//
// Not ours   Locking: MemoryCluster holds its mutex around every call.

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "messaging/consumer.hpp"

namespace countersign::messaging::memory {

class MemoryLog {
 public:
  // Makes the topic, or makes it anew: empty, offsets from 0.
  void create(const std::string& topic, std::int32_t partitions);
  bool has(const std::string& topic) const { return topics_.contains(topic); }
  std::int32_t partitions(const std::string& topic) const;  // 0: no such topic
  std::vector<std::string> topics() const;

  // The topic must exist. Where there is no key, partitions take turns.
  TopicPartition place(const Record& record);
  std::int64_t append(const TopicPartition& at, const Record& record, base::WallTime now);
  // Drops what is older than `low`, as retention does.
  void truncate(const TopicPartition& at, std::int64_t low);

  Watermarks watermarks(const TopicPartition& at) const;  // both 0 where there is no such partition
  const Message* find(const TopicPartition& at, std::int64_t offset) const;
  std::vector<Message> all(const std::string& topic) const;  // partition by partition

 private:
  struct Partition {
    std::int64_t low = 0;
    std::deque<Message> messages;
  };
  const Partition* partition(const TopicPartition& at) const;

  std::map<std::string, std::vector<Partition>> topics_;
  std::int32_t turn_ = 0;
};

}  // namespace countersign::messaging::memory
