#pragma once

// LatencyHistogram: how often which latency was seen, over nine decades, in a few kilobytes.
//
// Buckets are log-linear, as in HdrHistogram: each power of two of microseconds is cut into 128 equal parts.
//
//     256 µs … 511 µs in parts of 2 µs, 512 µs … 1023 µs in parts of 4 µs, …; below 256 µs each microsecond has its own
//
// Promise    A percentile is never below the true one, and above it by at most 1 % or 1 µs, whichever is more.
// Threads    One thread.

#include <chrono>
#include <cstdint>
#include <vector>

namespace countersign::cli {

class LatencyHistogram {
 public:
  LatencyHistogram();
  // Less than nothing counts as nothing, more than longest() as longest().
  void record(std::chrono::nanoseconds latency);

  std::uint64_t count() const noexcept { return count_; }
  std::chrono::microseconds longest_seen() const noexcept { return std::chrono::microseconds{longest_}; }
  // The latency that `percent` of those recorded did not exceed; zero when there are none.
  std::chrono::microseconds percentile(double percent) const;

  struct Bucket {
    std::chrono::microseconds up_to;
    std::uint64_t count;
  };
  // Those that are not empty, in order.
  std::vector<Bucket> buckets() const;

  static constexpr std::chrono::microseconds longest() { return std::chrono::microseconds{(std::int64_t{1} << 38) - 1}; }  // 76 hours

 private:
  static std::size_t place_of(std::uint64_t micros);
  static std::uint64_t upper_edge(std::size_t place);

  std::vector<std::uint64_t> counts_;
  std::uint64_t count_ = 0;
  std::int64_t longest_ = 0;
};

}  // namespace countersign::cli
