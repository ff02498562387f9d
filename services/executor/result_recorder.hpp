#pragma once

// ResultRecorder: writes down how calls ended, many at a time, in a transaction that locks their tickets.
//
// A result counts only under the token of the claim that stands. A success that comes under an earlier one is believed all the same: what
// has happened has happened. Anything else that comes late says nothing that the ledger does not know, and is dropped.
// The step whose turn comes with a result is claimed in the same transaction.
//
// Promise    A report is recorded once, or its lease ends and the reaper settles it. One that PostgreSQL refuses holds up no other, and
//            none suffers for the claim of the step after it.
// Not ours   What a result means: effect_settler.hpp. The claim: turn_claimer.hpp.
// Threads    One thread calls run() or record_once().
// Ownership  Borrows every constructor argument.
// Failure    record_once() throws what BatchRunner throws and keeps the reports; run() retries with backoff.

#include <memory>
#include <stop_token>
#include <vector>

#include "base/bell.hpp"
#include "executor/case_store.hpp"
#include "executor/effect_settler.hpp"
#include "executor/tool_caller.hpp"
#include "executor/turn_claimer.hpp"
#include "pipeline/batch_runner.hpp"

namespace countersign::executor {

class ResultRecorder {
 public:
  // `ended` is the caller's bell. Claims what a result gives its turn, where there is a `turns`. Without one, `claimable` is rung after
  // every commit.
  ResultRecorder(pipeline::CoreParts parts, const CaseStore& store, const EffectSettler& settler, ToolCaller& caller, base::Bell& ended,
                 base::Bell& claimable, TurnClaimer* turns = nullptr);

  // Returns the number of reports that are dealt with.
  std::size_t record_once();
  // Goes on after a stop until the caller has nothing left.
  void run(std::stop_token stop);

 private:
  using Reports = std::vector<CallReport>;

  void commit_all();
  void commit_one(CallReport report);
  void commit(const Reports& reports, TurnClaimer* turns);
  void record(const CallReport& report, TicketCase& one, pipeline::Batch& batch);
  void record_late(const CallReport& report, TicketCase& one, Step* step, pipeline::Batch& batch);

  pipeline::CoreParts parts_;
  const CaseStore& store_;
  const EffectSettler& settler_;
  ToolCaller& caller_;
  base::Bell& ended_;
  base::Bell& claimable_;
  TurnClaimer* turns_;
  pipeline::BatchRunner runner_;
  Reports pending_;
  telemetry::Counter& recorded_;
  telemetry::Counter& late_;
  telemetry::Counter& refused_;
};

}  // namespace countersign::executor
