#pragma once

// UnderWay: the tokens of records that a producer session has not answered yet, by slots that are used again.

#include <cstdint>
#include <utility>
#include <vector>

namespace countersign::messaging::kafka {

class UnderWay {
 public:
  std::size_t enter(std::uint64_t token) {
    if (free_.empty()) {
      free_.push_back(slots_.size());
      slots_.emplace_back();
    }
    const auto slot = free_.back();
    free_.pop_back();
    slots_[slot] = {token, true};
    return slot;
  }

  std::uint64_t leave(std::size_t slot) {
    slots_[slot].taken = false;
    free_.push_back(slot);
    return slots_[slot].token;
  }

  bool empty() const { return free_.size() == slots_.size(); }

  // Takes all there are.
  std::vector<std::uint64_t> drain() {
    std::vector<std::uint64_t> tokens;
    for (const auto& slot : std::exchange(slots_, {})) {
      if (slot.taken) tokens.push_back(slot.token);
    }
    free_.clear();
    return tokens;
  }

 private:
  struct Slot {
    std::uint64_t token = 0;
    bool taken = false;
  };
  std::vector<Slot> slots_;
  std::vector<std::size_t> free_;
};

}  // namespace countersign::messaging::kafka
