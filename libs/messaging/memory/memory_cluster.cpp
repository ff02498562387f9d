#include "messaging/memory/memory_cluster.hpp"

#include "base/errors.hpp"

namespace countersign::messaging::memory {

void MemoryCluster::require_reachable() const {
  if (!reachable) throw base::Unavailable("the memory broker was made unreachable by its test");
}

MemoryGroup& MemoryCluster::group(const std::string& name) {
  return groups.try_emplace(name, [this](const std::string& topic) { return log.partitions(topic); }).first->second;
}

bool MemoryCluster::write(const Record& record, Receipt& receipt) {
  if (!reachable) return false;
  receipt.token = record.token;
  if (!log.has(record.topic)) {
    receipt.retry = false;
    receipt.error = "topic " + record.topic + " does not exist";
    return true;
  }
  auto& fault = write_faults[record.topic];
  const bool struck = fault.times > 0;
  if (!struck || fault.written) log.append(log.place(record), record, clock.wall());
  if (struck) {
    --fault.times;
    receipt.retry = fault.retry;
    receipt.error = fault.error;
  }
  receipt.good = !struck;
  return true;
}

}  // namespace countersign::messaging::memory
