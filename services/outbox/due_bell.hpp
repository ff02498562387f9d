#pragma once

// DueBell: wakes the DeliveryClaimer when it may find something.
//
// Most deliveries are claimed where they are taken in, and nobody waits when a slot becomes free. Only for a while after something was left
// for the claimer is it woken by every free slot; what waits longer is found by its own rounds.
//
// Threads    Every function from any thread.
// Ownership  Borrows the clock.

#include <atomic>

#include "base/bell.hpp"
#include "base/clock.hpp"

namespace countersign::outbox {

class DueBell {
 public:
  explicit DueBell(const base::Clock& clock) : clock_(clock) {}

  // Something was left ready, or may be claimed that could not before.
  void ring() {
    expect_more();
    bell_.ring();
  }
  // What was claimed had waited, and may not have been the last.
  void expect_more() { left_at_ = clock_.steady(); }
  // Slots are free, or the next of an ordered ticket may have its turn.
  void ring_for_who_waits() {
    if (clock_.steady() - left_at_.load() < longest_wait) bell_.ring();
  }
  base::Bell& bell() noexcept { return bell_; }

 private:
  static constexpr std::chrono::seconds longest_wait{30};

  const base::Clock& clock_;
  base::Bell bell_;
  std::atomic<base::SteadyTime> left_at_{base::SteadyTime{} - std::chrono::hours{1}};
};

}  // namespace countersign::outbox
