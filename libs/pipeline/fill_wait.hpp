#pragma once

// FillWait: how long a stage waits for a batch to fill.
//
// Taking only what is there is right when idle and wasteful under load, because PostgreSQL and the broker are paid per batch. So the wait
// grows with the arrival rate, from nothing below `idle_rate` to its full length from `busy_rate` on. Its full length is what a transaction
// takes at the moment: on a machine that has no time to spare transactions take longer, larger batches spare it most, and a message that
// waits as long as the work on it takes is not much later for it.
//
// Threads    One thread.

#include <algorithm>
#include <chrono>

#include "base/clock.hpp"

namespace countersign::pipeline {

class FillWait {
 public:
  static constexpr double idle_rate = 100;  // messages a second
  static constexpr double busy_rate = 400;
  static constexpr std::chrono::microseconds longest{25'000};

  // `least`: of the full length.
  explicit FillWait(std::chrono::microseconds least) : least_(least) {}

  void note_batch(std::size_t messages, base::SteadyTime now) {
    const double elapsed = std::chrono::duration<double>(now - last_).count();
    last_ = now;
    if (elapsed <= 0) return;
    const double weight = std::min(1.0, elapsed / 0.25);  // about a quarter of a second of memory
    rate_ += weight * (static_cast<double>(messages) / elapsed - rate_);
  }

  void note_commit(base::SteadyTime::duration took) {
    const auto counted = std::min<base::SteadyTime::duration>(took, longest);  // an outage is not what a transaction takes
    transaction_ += (std::chrono::duration_cast<std::chrono::microseconds>(counted) - transaction_) / 8;
  }

  std::chrono::microseconds current() const {
    const double share = std::clamp((rate_ - idle_rate) / (busy_rate - idle_rate), 0.0, 1.0);
    const auto full = std::clamp(transaction_, least_, std::max(least_, longest));
    return std::chrono::microseconds{static_cast<std::int64_t>(share * static_cast<double>(full.count()))};
  }
  double rate() const { return rate_; }

 private:
  std::chrono::microseconds least_;
  std::chrono::microseconds transaction_{0};  // what one takes, over the last eight or so
  base::SteadyTime last_{};
  double rate_ = 0;
};

}  // namespace countersign::pipeline
