#pragma once

// Randomness that spreads repetitions in time; not for secrets. Any thread.

#include <cstdint>
#include <random>

namespace countersign::executor {

inline std::uint64_t random_bits() {
  thread_local std::mt19937_64 source{std::random_device{}()};
  return source();
}

}  // namespace countersign::executor
