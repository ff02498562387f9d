#pragma once

// BenchPace: at which times the tickets of an open-loop benchmark are meant to be sent, fixed before the first is.

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

namespace countersign::cli {

struct BenchPace {
  double rate = 0;  // a second
  std::chrono::duration<double> length{};
  std::optional<std::uint64_t> seed{};  // gaps drawn from an exponential distribution (a Poisson process); absent: all the same
};

// From the start; even gaps give i/rate. The number of tickets is rate × length in both cases, so that runs can be compared.
std::vector<std::chrono::nanoseconds> intended_times(const BenchPace& pace);

}  // namespace countersign::cli
