#include "messaging/memory/memory_broker.hpp"

#include "base/errors.hpp"
#include "base/invariant.hpp"
#include "messaging/memory/memory_cluster.hpp"
#include "messaging/memory/memory_consumer.hpp"
#include "messaging/memory/memory_producer.hpp"

namespace countersign::messaging {

namespace {

memory::MemoryConsumer& ours(Consumer& consumer) {
  auto* found = dynamic_cast<memory::MemoryConsumer*>(&consumer);
  COUNTERSIGN_INVARIANT(found != nullptr, "a MemoryBroker is asked about its own consumers");
  return *found;
}

}  // namespace

MemoryBroker::MemoryBroker(const base::Clock& clock) : cluster_(std::make_unique<memory::MemoryCluster>(clock)) {}
MemoryBroker::~MemoryBroker() = default;

std::unique_ptr<Consumer> MemoryBroker::make_consumer(const ConsumerOptions& options) {
  return std::make_unique<memory::MemoryConsumer>(*cluster_, options);
}

std::unique_ptr<Producer> MemoryBroker::make_producer() { return std::make_unique<memory::MemoryProducer>(*cluster_); }

void MemoryBroker::warm(const std::vector<std::string>& topics) {
  std::lock_guard lock(cluster_->mutex);
  cluster_->require_reachable();
  for (const auto& topic : topics) {
    if (!cluster_->log.has(topic)) throw base::Misconfigured("topic " + topic + " does not exist: create the topics first");
  }
}

std::vector<std::string> MemoryBroker::list_topics(const std::string& prefix) {
  std::lock_guard lock(cluster_->mutex);
  cluster_->require_reachable();
  auto names = cluster_->log.topics();
  std::erase_if(names, [&](const std::string& name) { return !name.starts_with(prefix); });
  return names;
}

void MemoryBroker::create_topic(const std::string& topic, std::int32_t partitions) {
  std::lock_guard lock(cluster_->mutex);
  cluster_->log.create(topic, partitions);
}

void MemoryBroker::truncate(const TopicPartition& at, std::int64_t low) {
  std::lock_guard lock(cluster_->mutex);
  cluster_->log.truncate(at, low);
}

Message MemoryBroker::append(const Record& record) {
  std::lock_guard lock(cluster_->mutex);
  const auto at = cluster_->log.place(record);
  const auto offset = cluster_->log.append(at, record, cluster_->clock.wall());
  cluster_->changed.notify_all();
  return *cluster_->log.find(at, offset);
}

std::vector<Message> MemoryBroker::messages(const std::string& topic) const {
  std::lock_guard lock(cluster_->mutex);
  return cluster_->log.all(topic);
}

std::optional<std::int64_t> MemoryBroker::progress(const std::string& group, const TopicPartition& at) const {
  std::lock_guard lock(cluster_->mutex);
  const auto& noted = cluster_->progress[group];
  const auto found = noted.find(at);
  return found == noted.end() ? std::nullopt : std::optional(found->second);
}

void MemoryBroker::end_session(Consumer& consumer) { ours(consumer).end_session(); }

void MemoryBroker::end_session_of(const std::string& group, const std::string& instance) {
  std::lock_guard lock(cluster_->mutex);
  cluster_->group(group).expire_instance(instance);
  cluster_->changed.notify_all();
}

void MemoryBroker::rebalance(const std::string& group) {
  std::lock_guard lock(cluster_->mutex);
  cluster_->group(group).rebalance();
  cluster_->changed.notify_all();
}

void MemoryBroker::give_trouble(Consumer& consumer, const Trouble& trouble) { ours(consumer).give_trouble(trouble); }

void MemoryBroker::refuse_writes(const std::string& topic, int times, bool retry, const std::string& error) {
  std::lock_guard lock(cluster_->mutex);
  cluster_->write_faults[topic] = {times, false, retry, error};
}

void MemoryBroker::lose_acknowledgements(const std::string& topic, int times) {
  std::lock_guard lock(cluster_->mutex);
  cluster_->write_faults[topic] = {times, true, true, "the acknowledgement was lost"};
}

void MemoryBroker::set_reachable(bool reachable) {
  std::lock_guard lock(cluster_->mutex);
  cluster_->reachable = reachable;
  cluster_->changed.notify_all();
}

void MemoryBroker::set_delivering(bool delivering) {
  std::lock_guard lock(cluster_->mutex);
  cluster_->delivering = delivering;
  cluster_->changed.notify_all();
}

}  // namespace countersign::messaging
