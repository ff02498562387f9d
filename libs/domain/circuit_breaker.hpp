#pragma once

// CircuitBreaker: keeps calls away from a target that has stopped answering, so that its trouble does not fill the lanes.
//
//     closed ──failures in a row──▶ open ──its time is over──▶ one probe ──success──▶ closed
//                                     ▲                            └──failure──▶ open, for twice as long
//
// Whoever was admitted reports how it ended. A probe that is never heard of is given up after as long as the breaker had been open.
//
// Threads    A plain value; one thread at a time.

#include <chrono>
#include <optional>

namespace countersign::domain {

struct BreakerRule {
  int failures = 10;  // in a row
  std::chrono::milliseconds first_open{1'000};
  std::chrono::milliseconds most_open{30'000};
};

class CircuitBreaker {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit CircuitBreaker(BreakerRule rule = {}) : rule_(rule) {}

  // Absent: the call may be made. Otherwise how long to wait before asking again; nothing may be sent.
  std::optional<std::chrono::milliseconds> refuse(Time now);
  // The target answered, whatever it said.
  void note_answer();
  // It did not, or it said that it is broken.
  void note_failure(Time now);

  bool open() const noexcept { return open_until_.has_value(); }

 private:
  void open_at(Time now);

  BreakerRule rule_;
  int failures_ = 0;                  // in a row, while closed
  std::chrono::milliseconds span_{};  // of the present opening
  std::optional<Time> open_until_;    // absent: closed
  bool probe_out_ = false;            // a call was let through while open
};

}  // namespace countersign::domain
