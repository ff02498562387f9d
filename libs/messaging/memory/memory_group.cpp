#include "messaging/memory/memory_group.hpp"

#include <algorithm>
#include <set>

namespace countersign::messaging::memory {

namespace {

bool by_name(const std::shared_ptr<MemoryMember>& a, const std::shared_ptr<MemoryMember>& b) { return a->name < b->name; }

bool wants(const MemoryMember& member, const std::string& topic) {
  return std::find(member.options.topics.begin(), member.options.topics.end(), topic) != member.options.topics.end();
}

}  // namespace

void MemoryGroup::join(const std::shared_ptr<MemoryMember>& member) {
  const auto place = std::find_if(members_.begin(), members_.end(), [&](const auto& other) { return other->name == member->name; });
  if (place != members_.end()) return take_place(*place, member);
  members_.insert(std::upper_bound(members_.begin(), members_.end(), member, by_name), member);
  rebalance();
}

void MemoryGroup::take_place(const std::shared_ptr<MemoryMember>& place, const std::shared_ptr<MemoryMember>& member) {
  if (place->present) {
    place->pending.clear();
    place->fenced = place->out = true;
  }
  member->owned = place->owned;
  *std::find(members_.begin(), members_.end(), place) = member;
  if (rebalancing_) {
    member->owned.clear();
    return deal_if_all_gave_up();
  }
  member->pending.emplace_back(Assigned{member->owned});
}

void MemoryGroup::leave(const std::shared_ptr<MemoryMember>& member) {
  if (member->out) return;
  member->present = false;
  member->pending.clear();
  member->told.clear();
  if (member->options.instance.empty()) return remove(member);
  deal_if_all_gave_up();
}

void MemoryGroup::expire(const std::shared_ptr<MemoryMember>& member) {
  member->out = true;
  member->pending.clear();
  if (!member->told.empty()) member->pending.emplace_back(Revoked{member->told, true});
  member->asked_back = !member->told.empty();
  remove(member);
}

void MemoryGroup::expire_instance(const std::string& instance) {
  const auto found = std::find_if(members_.begin(), members_.end(), [&](const auto& member) { return member->name == instance; });
  if (found != members_.end()) expire(std::shared_ptr(*found));
}

void MemoryGroup::ended(MemoryMember& member, const std::vector<TopicPartition>& partitions) {
  if (!member.asked_back) return;  // given up for a while by its own wish: the group need not know
  const std::set<TopicPartition> given(partitions.begin(), partitions.end());
  std::erase_if(member.told, [&](const auto& at) { return given.contains(at); });
  if (!member.told.empty()) return;
  member.asked_back = false;
  if (member.out) return;
  member.owned.clear();
  deal_if_all_gave_up();
}

void MemoryGroup::rebalance() {
  rebalancing_ = true;
  for (const auto& member : members_) {
    const bool unseen = member->told.empty();
    if (unseen) {
      std::erase_if(member->pending, [](const Event& event) { return std::holds_alternative<Assigned>(event); });
      member->owned.clear();
    } else if (!member->asked_back) {
      member->pending.emplace_back(Revoked{member->told, false});
      member->asked_back = true;
    }
  }
  deal_if_all_gave_up();
}

void MemoryGroup::remove(const std::shared_ptr<MemoryMember>& member) {
  if (std::erase(members_, member) > 0) rebalance();
}

void MemoryGroup::deal_if_all_gave_up() {
  if (!rebalancing_) return;
  const auto holds = [](const auto& member) { return member->present && !member->owned.empty(); };
  if (std::any_of(members_.begin(), members_.end(), holds)) return;
  rebalancing_ = false;
  const auto hands = deal();
  for (std::size_t i = 0; i < members_.size(); ++i) {
    members_[i]->owned = hands[i];
    if (members_[i]->present) members_[i]->pending.emplace_back(Assigned{hands[i]});
  }
}

// Kafka's RangeAssignor: topic by topic, neighbouring partitions to the members in order of name, the first ones getting one more.
std::vector<std::vector<TopicPartition>> MemoryGroup::deal() const {
  std::vector<std::vector<TopicPartition>> hands(members_.size());
  std::set<std::string> topics;
  for (const auto& member : members_) topics.insert(member->options.topics.begin(), member->options.topics.end());
  for (const auto& topic : topics) {
    std::vector<std::size_t> takers;
    for (std::size_t i = 0; i < members_.size(); ++i) {
      if (wants(*members_[i], topic)) takers.push_back(i);
    }
    const auto total = static_cast<std::size_t>(partitions_(topic));
    std::size_t next = 0;
    for (std::size_t rank = 0; rank < takers.size(); ++rank) {
      const auto share = total / takers.size() + (rank < total % takers.size() ? 1 : 0);
      for (std::size_t n = 0; n < share; ++n) hands[takers[rank]].push_back({topic, static_cast<std::int32_t>(next++)});
    }
  }
  return hands;
}

}  // namespace countersign::messaging::memory
