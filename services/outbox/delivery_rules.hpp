#pragma once

// What follows from the end of an attempt, for the delivery and for its endpoint. Pure.

#include <optional>
#include <string>
#include <vector>

#include "outbox/delivery.hpp"

namespace countersign::outbox {

// How long an endpoint may make us wait, whatever it asks for.
inline constexpr std::chrono::seconds least_throttle{1};
inline constexpr std::chrono::seconds most_throttle{3600};
inline constexpr std::chrono::seconds default_throttle{30};  // throttled without a Retry-After that can be read
inline constexpr int failures_that_break = 5;                // in a row
inline constexpr std::chrono::seconds first_break{5};        // doubles with each failed probe
inline constexpr std::chrono::seconds most_break{300};
inline constexpr int fruitless_that_disable = 10;  // at least so many attempts, so that one bad message is not days of failure
inline constexpr int most_lapses = 10;             // a delivery that no process survives must not go round for ever

inline constexpr std::chrono::hours default_patience{24 * 5};  // with an endpoint that takes nothing

struct NextStep {
  std::string state;                    // ready | delivered | dead
  std::chrono::microseconds due_in{0};  // for ready
};

// `attempts` were made before the one that ended; `random` in [0, 1) spreads the waits by a tenth to either side.
NextStep next_step(const AttemptEnd& end, int attempts, int lapses, const std::vector<std::chrono::milliseconds>& schedule, double random);

struct EndpointHealth {
  std::int64_t version = 0;  // of the endpoint's document
  std::string state = "open";
  int failures = 0;  // in a row, without a sign of life
  std::optional<base::WallTime> not_before{};
  std::string reason{};
  int fruitless = 0;                              // attempts since the last 2xx
  std::optional<base::WallTime> failing_since{};  // the first of them
  friend bool operator==(const EndpointHealth&, const EndpointHealth&) = default;
};

// What is thought of the endpoint after the attempt. Reports about an older version of the document than `before` change nothing.
// An endpoint that has taken nothing for `patience` is disabled: what it is owed is kept, instead of dying one delivery after the other.
EndpointHealth judge_endpoint(EndpointHealth before, const AttemptEnd& end, std::int64_t version, base::WallTime now,
                              std::chrono::milliseconds patience = default_patience);

// 429, 502, 504.
bool throttles(int status);

}  // namespace countersign::outbox
