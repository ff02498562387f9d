#pragma once

// CallSlots: how many calls may be claimed and under way at the same time, all told and for one tool.
// SlotHold: slots that somebody holds for calls that are not claimed yet.
//
// A slot is taken before the claim and given back when the call has ended and was collected, or when nothing came of the claim.
//
// Promise    Never more than the most, whoever claims. Who has just come does not pass those who wait: once a slot was missing, newcomers
//            get none of that tool until a round of the claimer has found all that waited.
// Threads    CallSlots: every function may be called from any thread. SlotHold: one thread.
// Ownership  A hold borrows the slots.

#include <cstddef>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace countersign::executor {

class CallSlots {
 public:
  CallSlots(std::size_t most_at_once, std::size_t most_per_tool) : most_at_once_(most_at_once), most_per_tool_(most_per_tool) {}

  // `bulkhead`: as ToolCall has it. False when there is none.
  bool take(const std::string& bulkhead);
  // For a step that nobody has had to wait for yet.
  bool take_as_newcomer(const std::string& bulkhead);
  void give_back(const std::string& bulkhead);
  // The lane stops: none are given any more.
  void close();

  struct Room {
    std::size_t free = 0;
    std::vector<std::string> full;  // bulkheads
  };
  // For who looks for calls to claim; finding less than everything free counts as being turned away.
  Room look();
  // What a round that had looked before has found: all that waited, but for the full ones, or as many as it could take.
  void note_round(const Room& room, bool found_all);
  // Whether somebody was turned away since this was asked last, and would like to hear of a slot that became free.
  bool was_wanted();

 private:
  std::size_t free_now() const;
  bool take_locked(const std::string& bulkhead);

  const std::size_t most_at_once_;
  const std::size_t most_per_tool_;
  std::mutex mutex_;
  std::map<std::string, std::size_t> taken_;  // by bulkhead
  std::size_t total_ = 0;
  bool closed_ = false;
  bool wanted_ = false;
  std::set<std::string> waited_for_;  // bulkheads for whose slots steps may be waiting
  bool all_waited_for_ = false;       // more steps were found than a round can take
};

class SlotHold {
 public:
  explicit SlotHold(CallSlots& slots) : slots_(slots) {}
  ~SlotHold() { give_back(); }
  SlotHold(const SlotHold&) = delete;
  SlotHold& operator=(const SlotHold&) = delete;

  bool take(const std::string& bulkhead);
  bool take_as_newcomer(const std::string& bulkhead);
  // The call that it was for is claimed, and has the slot from now on.
  void pass_on(const std::string& bulkhead);
  void give_back();  // what is left

 private:
  CallSlots& slots_;
  std::multiset<std::string> held_;
};

}  // namespace countersign::executor
