#pragma once

// FillWait: how long a stage waits for a batch to fill.
//
// Taking only what is there is right when idle and wasteful under load, because PostgreSQL and the broker are paid per batch. So the wait
// grows with the arrival rate: none below `idle_rate`, `longest` from `busy_rate` on.
//
// Threads    One thread.

#include <algorithm>
#include <chrono>

#include "base/clock.hpp"

namespace countersign::pipeline {

class FillWait {
 public:
  static constexpr double idle_rate = 200;  // messages a second
  static constexpr double busy_rate = 1000;

  explicit FillWait(std::chrono::microseconds longest) : longest_(longest) {}

  void note_batch(std::size_t messages, base::SteadyTime now) {
    const double elapsed = std::chrono::duration<double>(now - last_).count();
    last_ = now;
    if (elapsed <= 0) return;
    const double weight = std::min(1.0, elapsed / 0.25);  // about a quarter of a second of memory
    rate_ += weight * (static_cast<double>(messages) / elapsed - rate_);
  }

  std::chrono::microseconds current() const {
    const double share = std::clamp((rate_ - idle_rate) / (busy_rate - idle_rate), 0.0, 1.0);
    return std::chrono::microseconds{static_cast<std::int64_t>(share * static_cast<double>(longest_.count()))};
  }
  double rate() const { return rate_; }

 private:
  std::chrono::microseconds longest_;
  base::SteadyTime last_{};
  double rate_ = 0;
};

}  // namespace countersign::pipeline
