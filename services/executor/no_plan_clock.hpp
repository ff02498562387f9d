#pragma once

// NoPlanClock: ends the wait for a planner that does not come: a run for which nothing but a plan is pending for too long is escalated.
//
// Promise    Every wait for a plan ends. A run that got its plan in the meantime is left alone: all is judged again under the lock.
// Threads    One thread calls run() or strike_once().
// Ownership  Borrows every constructor argument.
// Failure    strike_once() throws what BatchRunner throws; run() retries with backoff.
// Time       By the database clock.

#include <chrono>
#include <stop_token>

#include "base/bell.hpp"
#include "executor/case_store.hpp"
#include "executor/run_conductor.hpp"
#include "pipeline/batch_runner.hpp"

namespace countersign::executor {

struct NoPlanOptions {
  std::chrono::milliseconds longest_wait{domain::longest_wait_for_plan};
  std::size_t most_at_once = 200;
  std::chrono::milliseconds poll{5'000};
};

class NoPlanClock {
 public:
  NoPlanClock(pipeline::CoreParts parts, const CaseStore& store, const RunConductor& conductor, NoPlanOptions options = {});

  // Returns the number of runs that were escalated.
  std::size_t strike_once();
  void run(std::stop_token stop);

 private:
  pipeline::CoreParts parts_;
  const CaseStore& store_;
  const RunConductor& conductor_;
  NoPlanOptions options_;
  pipeline::BatchRunner runner_;
  telemetry::Counter& escalated_;
};

}  // namespace countersign::executor
