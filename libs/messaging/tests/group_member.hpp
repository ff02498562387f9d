#pragma once

// GroupMember: a consumer that keeps the protocol (begins what is assigned, ends what is revoked) and remembers all that it was told.

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <vector>

#include "messaging/broker.hpp"

namespace countersign::messaging {

class GroupMember {
 public:
  GroupMember(Broker& broker, const ConsumerOptions& options) : consumer(broker.make_consumer(options)) {}

  void step(std::chrono::milliseconds wait) {
    auto event = consumer->poll(wait);
    if (auto* message = std::get_if<Message>(&event)) take(std::move(*message));
    if (const auto* assigned = std::get_if<Assigned>(&event)) begin(*assigned);
    if (const auto* revoked = std::get_if<Revoked>(&event)) end(*revoked);
    if (const auto* trouble = std::get_if<Trouble>(&event)) troubles.push_back(*trouble);
  }

  std::vector<Message> of_key(const std::string& key) const {
    std::vector<Message> found;
    std::copy_if(messages.begin(), messages.end(), std::back_inserter(found), [&](const auto& message) { return message.key == key; });
    return found;
  }

  std::unique_ptr<Consumer> consumer;
  std::map<TopicPartition, std::int64_t> starts;  // where to begin; 0 where nothing is said
  std::set<TopicPartition> has;
  std::vector<Message> messages;
  std::vector<Trouble> troubles;
  int assignments = 0;
  int revocations = 0;
  int losses = 0;

 private:
  void take(Message message) {
    starts[message.at] = message.offset + 1;
    messages.push_back(std::move(message));
  }
  void begin(const Assigned& assigned) {
    ++assignments;
    has = {assigned.partitions.begin(), assigned.partitions.end()};
    std::vector<Position> positions;
    for (const auto& at : assigned.partitions) positions.push_back({at, starts[at]});
    consumer->begin(positions);
  }
  void end(const Revoked& revoked) {
    ++(revoked.lost ? losses : revocations);
    for (const auto& at : revoked.partitions) has.erase(at);
    consumer->end(revoked.partitions);
  }
};

// Steps all members in turn until the condition holds; false when it did not within the time.
inline bool step_until(const std::vector<GroupMember*>& members, const std::function<bool()>& condition,
                       std::chrono::seconds deadline = std::chrono::seconds{30}) {
  const auto until = std::chrono::steady_clock::now() + deadline;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) return false;
    for (auto* member : members) member->step(std::chrono::milliseconds{members.size() > 1 ? 5 : 50});
  }
  return true;
}

}  // namespace countersign::messaging
