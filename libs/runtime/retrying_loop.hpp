#pragma once

// run_retrying: how a loop that does one thing again and again treats what goes wrong.
//
// Promise    An outage is logged once when it begins and once when it ends, however often it is met in between.
// Threads    Runs on the calling thread until `stop`.
// Failure    base::Unavailable: waits with backoff. base::Conflict: again at once, a few times in a row, then as Unavailable.
//            base::Rejected: logged as an error each time, then backoff. Everything else, base::Misconfigured too, is thrown on.
// Time       Backoff waits on the clock; idle waits on the bell, which somebody may ring.

#include <chrono>
#include <functional>
#include <stop_token>
#include <string>

#include "base/bell.hpp"
#include "base/clock.hpp"
#include "telemetry/metrics.hpp"

namespace countersign::runtime {

struct RetryOptions {
  std::chrono::milliseconds pause{1'000};  // when there was nothing to do
  std::chrono::milliseconds first_backoff{100};
  std::chrono::milliseconds most_backoff{5'000};
  int conflicts_at_once = 5;
};

// `once` returns whether there was work; if so it is called again at once.
void run_retrying(const std::string& name, base::Clock& clock, telemetry::Telemetry telemetry, std::stop_token stop,
                  const std::function<bool()>& once, base::Bell& bell, RetryOptions options = {});

}  // namespace countersign::runtime
