#pragma once

// LeaseReaper: settles claims whose lane went silent.
//
// A lane that dies tells nobody; its lease ends, and this loop decides what that means: a read may be claimed again, an effect becomes
// `unknown`, because the call may have been made and only reading the target can tell. Should the lane be alive after all, its success
// still counts (result_recorder.hpp).
//
// Promise    Never settles a claim whose lease runs, except those of an earlier life of this very instance, once at the start. One that
//            PostgreSQL refuses holds up no other.
// Threads    One thread calls run(), reap_once() and reap_predecessors().
// Ownership  Borrows every constructor argument.
// Failure    reap_once() throws what BatchRunner throws; run() retries with backoff.
// Time       Leases end by the database clock.

#include <stop_token>
#include <vector>

#include "base/bell.hpp"
#include "executor/case_store.hpp"
#include "executor/configuration_watch.hpp"
#include "executor/effect_settler.hpp"
#include "pipeline/batch_runner.hpp"

namespace countersign::executor {

struct ReaperOptions {
  std::size_t most_at_once = 500;
  std::chrono::milliseconds poll{500};
};

class LeaseReaper {
 public:
  LeaseReaper(pipeline::CoreParts parts, const CaseStore& store, const EffectSettler& settler, const ConfigurationWatch& configuration,
              base::Bell& claimable, ReaperOptions options = {});

  // Return the number of claims that were settled.
  std::size_t reap_once();
  std::size_t reap_predecessors();
  void run(std::stop_token stop);

 private:
  struct Found;
  std::size_t settle(const postgres::Rows& rows);
  std::size_t settle_together(const std::vector<Found>& all, const catalog::Snapshot& snapshot);

  pipeline::CoreParts parts_;
  const CaseStore& store_;
  const EffectSettler& settler_;
  const ConfigurationWatch& configuration_;
  base::Bell& claimable_;
  ReaperOptions options_;
  pipeline::BatchRunner runner_;
  telemetry::Counter& reaped_;
};

}  // namespace countersign::executor
