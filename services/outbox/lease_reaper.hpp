#pragma once

// LeaseReaper: takes webhook deliveries back from lanes that went silent. Mail has its own: mail_reaper.hpp.
//
// The call may have been made. A receiver tells repetitions by webhook-id, so the delivery becomes ready again under the same id, at once.
// After ten such ends it is dead: whatever it is, no lane survives it.
//
// Promise    Never touches a lease that runs, except those of an earlier life of this very instance, once at the start.
// Threads    One thread calls run(), reap_once() and reap_predecessors().
// Ownership  Borrows every constructor argument.
// Failure    reap_once() throws what BatchRunner throws; run() retries with backoff.
// Time       Leases end by the database clock.

#include <stop_token>

#include "outbox/due_bell.hpp"
#include "pipeline/batch_runner.hpp"

namespace countersign::outbox {

class LeaseReaper {
 public:
  LeaseReaper(pipeline::CoreParts parts, DueBell& due);

  // Return the number of leases that were found ended.
  std::size_t reap_once();
  // Before anything is claimed in this life.
  std::size_t reap_predecessors();
  void run(std::stop_token stop);

 private:
  std::size_t settle(const postgres::Rows& ended);

  pipeline::CoreParts parts_;
  DueBell& due_;
  pipeline::BatchRunner runner_;
  telemetry::Counter& reaped_;
  telemetry::Counter& dead_;
};

}  // namespace countersign::outbox
