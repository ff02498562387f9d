#include "executor/call_slots.hpp"

#include <algorithm>
#include <utility>

#include "base/invariant.hpp"

namespace countersign::executor {

std::size_t CallSlots::free_now() const { return closed_ ? 0 : most_at_once_ - std::min(most_at_once_, total_); }

bool CallSlots::take(const std::string& bulkhead) {
  std::lock_guard lock(mutex_);
  return take_locked(bulkhead);
}

bool CallSlots::take_as_newcomer(const std::string& bulkhead) {
  std::lock_guard lock(mutex_);
  if (!all_waited_for_ && !waited_for_.contains(bulkhead)) return take_locked(bulkhead);
  wanted_ = true;
  return false;
}

bool CallSlots::take_locked(const std::string& bulkhead) {
  const auto tool = taken_.find(bulkhead);
  if (free_now() == 0 || (tool != taken_.end() ? tool->second : 0) >= most_per_tool_) {
    wanted_ = true;
    waited_for_.insert(bulkhead);
    return false;
  }
  ++taken_[bulkhead];
  ++total_;
  return true;
}

void CallSlots::give_back(const std::string& bulkhead) {
  std::lock_guard lock(mutex_);
  const auto tool = taken_.find(bulkhead);
  COUNTERSIGN_INVARIANT(tool != taken_.end(), "only a slot that was taken is given back");
  if (--tool->second == 0) taken_.erase(tool);
  --total_;
}

void CallSlots::close() {
  std::lock_guard lock(mutex_);
  closed_ = true;
}

CallSlots::Room CallSlots::look() {
  std::lock_guard lock(mutex_);
  Room room{free_now(), {}};
  for (const auto& [bulkhead, calls] : taken_)
    if (calls >= most_per_tool_) room.full.push_back(bulkhead);
  wanted_ |= room.free == 0 || !room.full.empty();
  return room;
}

void CallSlots::note_round(const Room& room, bool found_all) {
  std::lock_guard lock(mutex_);
  all_waited_for_ = !found_all;
  if (found_all) waited_for_ = {room.full.begin(), room.full.end()};
}

bool CallSlots::was_wanted() {
  std::lock_guard lock(mutex_);
  return std::exchange(wanted_, false);
}

bool SlotHold::take(const std::string& bulkhead) {
  if (!slots_.take(bulkhead)) return false;
  held_.insert(bulkhead);
  return true;
}

bool SlotHold::take_as_newcomer(const std::string& bulkhead) {
  if (!slots_.take_as_newcomer(bulkhead)) return false;
  held_.insert(bulkhead);
  return true;
}

void SlotHold::pass_on(const std::string& bulkhead) {
  const auto found = held_.find(bulkhead);
  COUNTERSIGN_INVARIANT(found != held_.end(), "a call is claimed only with a slot");
  held_.erase(found);
}

void SlotHold::give_back() {
  for (const auto& bulkhead : std::exchange(held_, {})) slots_.give_back(bulkhead);
}

}  // namespace countersign::executor
