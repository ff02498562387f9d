#pragma once

// Backoff: how long to wait after the n-th failure in a row: exponential, with full jitter.
// Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>

namespace countersign::base {

class Backoff {
 public:
  Backoff(std::chrono::milliseconds first, std::chrono::milliseconds most, std::uint64_t seed = std::random_device{}())
      : first_(first), most_(most), random_(seed) {}

  std::chrono::milliseconds next() {
    const auto ceiling = std::min<std::int64_t>(most_.count(), first_.count() << std::min(failures_, 20));
    ++failures_;
    return std::chrono::milliseconds{std::uniform_int_distribution<std::int64_t>{0, std::max<std::int64_t>(ceiling, 1)}(random_)};
  }
  void reset() { failures_ = 0; }
  int failures() const { return failures_; }

 private:
  std::chrono::milliseconds first_;
  std::chrono::milliseconds most_;
  std::mt19937_64 random_;
  int failures_ = 0;
};

}  // namespace countersign::base
