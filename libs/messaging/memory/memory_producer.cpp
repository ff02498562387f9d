#include "messaging/memory/memory_producer.hpp"

#include <utility>

namespace countersign::messaging::memory {

namespace {
constexpr std::size_t most_under_way = 100'000;
}

bool MemoryProducer::offer(const Record& record) {
  std::lock_guard lock(cluster_.mutex);
  if (waiting_.size() + ready_.size() >= most_under_way) return false;
  waiting_.push_back(record);
  write_waiting();
  return true;
}

std::vector<Receipt> MemoryProducer::receipts(std::chrono::milliseconds wait) {
  std::unique_lock lock(cluster_.mutex);
  write_waiting();
  // Without anything under way no receipt can come: waiting would only cost time.
  if (ready_.empty() && !waiting_.empty()) {
    cluster_.changed.wait_for(lock, wait, [&] { return cluster_.reachable; });
    write_waiting();
  }
  return std::exchange(ready_, {});
}

bool MemoryProducer::flush(std::chrono::milliseconds deadline) {
  std::unique_lock lock(cluster_.mutex);
  cluster_.changed.wait_for(lock, deadline, [&] { return waiting_.empty() || cluster_.reachable; });
  write_waiting();
  return waiting_.empty();
}

void MemoryProducer::write_waiting() {
  Receipt receipt;
  while (!waiting_.empty() && cluster_.write(waiting_.front(), receipt)) {
    ready_.push_back(std::exchange(receipt, {}));
    waiting_.pop_front();
    cluster_.changed.notify_all();
  }
}

}  // namespace countersign::messaging::memory
