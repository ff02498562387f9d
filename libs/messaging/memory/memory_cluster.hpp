#pragma once

// MemoryCluster: all that a MemoryBroker, its consumers and its producers share, under one mutex.
//
// Threads    Hold `mutex` for every access; notify `changed` after what somebody may wait for.

#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "messaging/memory/memory_group.hpp"
#include "messaging/memory/memory_log.hpp"
#include "messaging/producer.hpp"

namespace countersign::messaging::memory {

struct WriteFault {
  int times = 0;         // records yet to be struck
  bool written = false;  // the record is on the log all the same: its acknowledgement was lost
  bool retry = true;
  std::string error;
};

struct MemoryCluster {
  explicit MemoryCluster(const base::Clock& time) : clock(time) {}

  // Throws base::Unavailable while the brokers are out of reach.
  void require_reachable() const;
  MemoryGroup& group(const std::string& name);
  bool write(const Record& record, Receipt& receipt);  // false: nobody answers now

  const base::Clock& clock;
  std::mutex mutex;
  std::condition_variable changed;
  MemoryLog log;
  std::map<std::string, MemoryGroup> groups;
  std::map<std::string, WriteFault> write_faults;  // by topic
  std::map<std::string, std::map<TopicPartition, std::int64_t>> progress;
  bool reachable = true;
  bool delivering = true;
  std::uint64_t next_member = 0;
};

}  // namespace countersign::messaging::memory
