#include "cli/bench_pace.hpp"

#include <cmath>
#include <random>

namespace countersign::cli {

std::vector<std::chrono::nanoseconds> intended_times(const BenchPace& pace) {
  const auto count = static_cast<std::size_t>(std::llround(pace.rate * pace.length.count()));
  std::vector<std::chrono::nanoseconds> times;
  times.reserve(count);
  std::mt19937_64 dice{pace.seed.value_or(0)};
  double at = 0;  // in seconds
  for (std::size_t i = 0; i < count; ++i) {
    if (!pace.seed) at = static_cast<double>(i) / pace.rate;
    times.push_back(std::chrono::nanoseconds{std::llround(at * 1e9)});
    // Drawn by hand: std::exponential_distribution may differ between libraries, and a seed must say the same everywhere.
    if (pace.seed) at -= std::log1p(-static_cast<double>(dice() >> 11) * 0x1p-53) / pace.rate;
  }
  return times;
}

}  // namespace countersign::cli
