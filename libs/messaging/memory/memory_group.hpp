#pragma once

// MemoryGroup: who is in a consumer group and which partitions each has, by the eager range protocol.
//
// When somebody joins or goes, every member is first told to give up what it has (Revoked); when all have answered with ended(), the
// partitions are dealt out anew (Assigned). A member that does not answer holds everybody up until its session is ended, as in Kafka.
// A member with an instance name keeps its place when it closes, and whoever comes back under that name takes it over with the same
// partitions and without disturbing the others.
//
//     joined ── Assigned ──▶ holding ── Revoked ──▶ giving up ── ended() ──▶ joined …
//     any ── expire() ──▶ out (Revoked with lost, if it was holding) ── ended(), next poll ──▶ joined
//
// Not ours   Locking: MemoryCluster holds its mutex around every call.

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "messaging/consumer.hpp"

namespace countersign::messaging::memory {

struct MemoryMember {
  std::string name;  // orders the members: the instance name, or one that is made up
  ConsumerOptions options;
  std::deque<Event> pending;          // to be polled
  std::vector<TopicPartition> owned;  // by the group's books
  std::vector<TopicPartition> told;   // by an Assigned that was polled and not ended
  bool asked_back = false;            // a Revoked of `told` is pending or was polled
  bool present = true;                // false: closed, its place kept for the instance name
  bool fenced = false;                // a later member took its instance name; it never comes back
  bool out = false;                   // session over; joins again with the poll after it has given up what it was told
};

class MemoryGroup {
 public:
  using PartitionCount = std::function<std::int32_t(const std::string& topic)>;
  explicit MemoryGroup(PartitionCount partitions) : partitions_(std::move(partitions)) {}

  void join(const std::shared_ptr<MemoryMember>& member);
  void leave(const std::shared_ptr<MemoryMember>& member);
  void expire(const std::shared_ptr<MemoryMember>& member);
  void expire_instance(const std::string& instance);
  void ended(MemoryMember& member, const std::vector<TopicPartition>& partitions);
  void rebalance();

  const std::vector<std::shared_ptr<MemoryMember>>& members() const { return members_; }

 private:
  void take_place(const std::shared_ptr<MemoryMember>& place, const std::shared_ptr<MemoryMember>& member);
  void remove(const std::shared_ptr<MemoryMember>& member);
  void deal_if_all_gave_up();
  std::vector<std::vector<TopicPartition>> deal() const;

  PartitionCount partitions_;
  std::vector<std::shared_ptr<MemoryMember>> members_;  // by name
  bool rebalancing_ = false;
};

}  // namespace countersign::messaging::memory
