#pragma once

// SlotHold: slots of the webhook lane that somebody holds for calls that are not claimed yet.
//
// Threads    One thread.
// Ownership  Borrows the desk. What is left when it ends is given back.

#include <set>

#include "outbox/webhook_sender.hpp"

namespace countersign::outbox {

class SlotHold {
 public:
  explicit SlotHold(WebhookDesk& desk) : desk_(desk) {}
  ~SlotHold() { give_back(); }
  SlotHold(const SlotHold&) = delete;
  SlotHold& operator=(const SlotHold&) = delete;

  bool take(const TargetName& target, std::size_t most) {
    if (!desk_.hold(target, most)) return false;
    held_.insert(target);
    return true;
  }
  // The call that it was for is claimed, and has the slot from now on.
  void pass_on(const TargetName& target) { held_.extract(target); }
  bool empty() const noexcept { return held_.empty(); }
  void give_back() {
    for (const auto& target : held_) desk_.give_back(target);
    held_.clear();
  }

 private:
  WebhookDesk& desk_;
  std::multiset<TargetName> held_;
};

}  // namespace countersign::outbox
