#include "messaging/memory/memory_log.hpp"

#include <algorithm>

#include "base/invariant.hpp"
#include "messaging/partitioner.hpp"

namespace countersign::messaging::memory {

void MemoryLog::create(const std::string& topic, std::int32_t partitions) {
  topics_[topic] = std::vector<Partition>(static_cast<std::size_t>(partitions));
}

std::int32_t MemoryLog::partitions(const std::string& topic) const {
  const auto found = topics_.find(topic);
  return found == topics_.end() ? 0 : static_cast<std::int32_t>(found->second.size());
}

std::vector<std::string> MemoryLog::topics() const {
  std::vector<std::string> names;
  for (const auto& [name, partitions] : topics_) names.push_back(name);
  return names;
}

TopicPartition MemoryLog::place(const Record& record) {
  const auto count = partitions(record.topic);
  COUNTERSIGN_INVARIANT(count > 0, "records are placed on topics that exist");
  return {record.topic, record.key ? partition_of(*record.key, count) : turn_++ % count};
}

std::int64_t MemoryLog::append(const TopicPartition& at, const Record& record, base::WallTime now) {
  COUNTERSIGN_INVARIANT(partition(at) != nullptr, "records are appended to partitions that exist");
  auto& log = topics_[at.topic][static_cast<std::size_t>(at.partition)];
  const auto offset = log.low + static_cast<std::int64_t>(log.messages.size());
  log.messages.push_back(Message{at, offset, now, record.key, record.value, record.headers});
  return offset;
}

void MemoryLog::truncate(const TopicPartition& at, std::int64_t low) {
  COUNTERSIGN_INVARIANT(partition(at) != nullptr, "only partitions that exist are truncated");
  auto& log = topics_[at.topic][static_cast<std::size_t>(at.partition)];
  while (log.low < low && !log.messages.empty()) {
    log.messages.pop_front();
    ++log.low;
  }
}

Watermarks MemoryLog::watermarks(const TopicPartition& at) const {
  const auto* log = partition(at);
  if (log == nullptr) return {};
  return {log->low, log->low + static_cast<std::int64_t>(log->messages.size())};
}

const Message* MemoryLog::find(const TopicPartition& at, std::int64_t offset) const {
  const auto* log = partition(at);
  if (log == nullptr || offset < log->low) return nullptr;
  const auto index = static_cast<std::size_t>(offset - log->low);
  return index < log->messages.size() ? &log->messages[index] : nullptr;
}

std::vector<Message> MemoryLog::all(const std::string& topic) const {
  std::vector<Message> messages;
  for (std::int32_t number = 0; number < partitions(topic); ++number) {
    const auto& log = partition({topic, number})->messages;
    messages.insert(messages.end(), log.begin(), log.end());
  }
  return messages;
}

const MemoryLog::Partition* MemoryLog::partition(const TopicPartition& at) const {
  const auto found = topics_.find(at.topic);
  if (found == topics_.end() || at.partition < 0) return nullptr;
  const auto index = static_cast<std::size_t>(at.partition);
  return index < found->second.size() ? &found->second[index] : nullptr;
}

}  // namespace countersign::messaging::memory
