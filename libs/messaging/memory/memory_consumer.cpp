#include "messaging/memory/memory_consumer.hpp"

#include "base/invariant.hpp"

namespace countersign::messaging::memory {

namespace {

MemoryGroup& locked_group(MemoryCluster& cluster, const std::string& name) {
  std::lock_guard lock(cluster.mutex);
  return cluster.group(name);
}

}  // namespace

MemoryConsumer::MemoryConsumer(MemoryCluster& cluster, const ConsumerOptions& options)
    : cluster_(cluster), group_(locked_group(cluster, options.group)), member_(std::make_shared<MemoryMember>()) {
  std::lock_guard lock(cluster_.mutex);
  member_->options = options;
  member_->name = options.instance.empty() ? "member-" + std::to_string(cluster_.next_member++) : options.instance;
  group_.join(member_);
  cluster_.changed.notify_all();
}

MemoryConsumer::~MemoryConsumer() { close(std::chrono::milliseconds{0}); }

Event MemoryConsumer::poll(std::chrono::milliseconds wait) {
  COUNTERSIGN_INVARIANT(!closed_, "a closed consumer is not polled");
  const auto until = std::chrono::steady_clock::now() + wait;
  std::unique_lock lock(cluster_.mutex);
  while (true) {
    if (auto event = take_event()) return std::move(*event);
    if (cluster_.changed.wait_until(lock, until) == std::cv_status::timeout) break;
  }
  if (auto event = take_event()) return std::move(*event);
  return Quiet{};
}

std::optional<Event> MemoryConsumer::take_event() {
  if (member_->fenced) return Trouble{"another member took over the instance name " + member_->name, true, false, std::nullopt};
  if (auto event = take_pending()) return event;
  if (!cluster_.reachable) {
    // Once for each time: real clients do not repeat it either.
    if (std::exchange(told_unreachable_, true)) return std::nullopt;
    return Trouble{"no broker can be reached", false, false, std::nullopt};
  }
  told_unreachable_ = false;
  if (member_->out && member_->told.empty()) {
    member_->out = false;
    group_.join(member_);
    cluster_.changed.notify_all();
    return take_pending();
  }
  return cluster_.delivering ? take_message() : std::nullopt;
}

std::optional<Event> MemoryConsumer::take_pending() {
  if (member_->pending.empty()) return std::nullopt;
  Event event = std::move(member_->pending.front());
  member_->pending.pop_front();
  if (const auto* assigned = std::get_if<Assigned>(&event)) member_->told = assigned->partitions;
  return event;
}

std::optional<Event> MemoryConsumer::take_message() {
  auto next = readings_.upper_bound(last_);
  for (std::size_t tried = 0; tried < readings_.size(); ++tried, ++next) {
    if (next == readings_.end()) next = readings_.begin();
    if (auto event = read(next->first, next->second)) {
      last_ = next->first;
      return event;
    }
  }
  return std::nullopt;
}

std::optional<Event> MemoryConsumer::read(const TopicPartition& at, Reading& reading) {
  if (reading.resting) return std::nullopt;
  const auto marks = cluster_.log.watermarks(at);
  if (reading.next < marks.low || reading.next > marks.high) {
    reading.resting = true;
    return Trouble{"offset " + std::to_string(reading.next) + " of " + at.topic + " is not on the log", false, true, at};
  }
  const auto* message = cluster_.log.find(at, reading.next);
  if (message == nullptr) return std::nullopt;
  ++reading.next;
  return *message;
}

void MemoryConsumer::begin(const std::vector<Position>& positions) {
  std::lock_guard lock(cluster_.mutex);
  for (const auto& position : positions) readings_[position.at] = {position.offset, false};
}

void MemoryConsumer::end(const std::vector<TopicPartition>& partitions) {
  std::lock_guard lock(cluster_.mutex);
  for (const auto& at : partitions) readings_.erase(at);
  group_.ended(*member_, partitions);
  cluster_.changed.notify_all();
}

void MemoryConsumer::seek(const Position& position) {
  COUNTERSIGN_INVARIANT(readings_.contains(position.at), "only a partition that was begun is sought");
  begin({position});
}

Watermarks MemoryConsumer::watermarks(const TopicPartition& partition) {
  std::lock_guard lock(cluster_.mutex);
  cluster_.require_reachable();
  return cluster_.log.watermarks(partition);
}

std::optional<Message> MemoryConsumer::find_message(const TopicPartition& partition, std::int64_t offset) {
  std::lock_guard lock(cluster_.mutex);
  cluster_.require_reachable();
  const auto* message = cluster_.log.find(partition, offset);
  return message == nullptr ? std::nullopt : std::optional(*message);
}

void MemoryConsumer::note_progress(const std::vector<Position>& positions) {
  std::lock_guard lock(cluster_.mutex);
  for (const auto& position : positions) cluster_.progress[member_->options.group][position.at] = position.offset;
}

void MemoryConsumer::close(std::chrono::milliseconds) {
  if (std::exchange(closed_, true)) return;
  std::lock_guard lock(cluster_.mutex);
  group_.leave(member_);
  cluster_.changed.notify_all();
}

void MemoryConsumer::end_session() {
  std::lock_guard lock(cluster_.mutex);
  group_.expire(member_);
  cluster_.changed.notify_all();
}

void MemoryConsumer::give_trouble(const Trouble& trouble) {
  std::lock_guard lock(cluster_.mutex);
  member_->pending.emplace_back(trouble);
  cluster_.changed.notify_all();
}

}  // namespace countersign::messaging::memory
