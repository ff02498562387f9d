#pragma once

// MemoryProducer: a Producer of a MemoryBroker. Records offered while it is unreachable are written when it is back, in order.

#include <deque>

#include "messaging/memory/memory_cluster.hpp"

namespace countersign::messaging::memory {

class MemoryProducer final : public Producer {
 public:
  explicit MemoryProducer(MemoryCluster& cluster) : cluster_(cluster) {}

  bool offer(const Record& record) override;
  std::vector<Receipt> receipts(std::chrono::milliseconds wait) override;
  bool flush(std::chrono::milliseconds deadline) override;

 private:
  void write_waiting();  // with the cluster's mutex held

  MemoryCluster& cluster_;
  std::deque<Record> waiting_;
  std::vector<Receipt> ready_;
};

}  // namespace countersign::messaging::memory
