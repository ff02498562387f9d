#pragma once

// TicketIntake: takes in the topic `tickets`: what the executor knows of a ticket, and what that means for its run.
//
//     fresh, unreadable, contradicting ─▶ version + 1       duplicate, of a foreign realm ─▶ nothing
//     ticket.opened ─▶ facts, then what waited for it ─▶ first run
//     ticket.updated, .message_added ─▶ facts; the run is superseded, or the next one opened when the last has ended
//     ticket.closed ─▶ the run is cancelled
//
// Promise    The version grows as the planner's does (domain/ticket_version.hpp). A source cannot touch a ticket of a tenant that its realm
//            may not carry, nor one that came through another realm.
// Threads    As pipeline::Handler.
// Ownership  Borrows every constructor argument.
// Failure    apply() throws base::Unavailable while there is no configuration, and what the database throws.

#include "base/bell.hpp"
#include "catalog/catalog.hpp"
#include "executor/case_store.hpp"
#include "executor/plan_desk.hpp"
#include "executor/run_conductor.hpp"
#include "pipeline/handler.hpp"
#include "telemetry/metrics.hpp"

namespace countersign::executor {

class TicketIntake final : public pipeline::Handler {
 public:
  // `claimable` is rung after every commit: a held plan may have begun.
  TicketIntake(const CaseStore& store, const RunConductor& conductor, const PlanDesk& plans, const catalog::Catalog& catalog,
               base::Bell& claimable, telemetry::Telemetry telemetry);

  // All types: one that does not belong here is a dead letter, though it counts for nothing.
  bool wants(std::string_view) const override { return true; }
  base::Result<std::any> decode(const contracts::Envelope& envelope, std::string_view data, std::string_view topic) const override;
  void apply(pipeline::Batch& batch) override;
  void committed() override { claimable_.ring(); }

 private:
  class Fold;

  const CaseStore& store_;
  const RunConductor& conductor_;
  const PlanDesk& plans_;
  const catalog::Catalog& catalog_;
  base::Bell& claimable_;
  telemetry::Telemetry telemetry_;
  telemetry::Counter& fresh_;
  telemetry::Counter& duplicates_;
  telemetry::Counter& contradictions_;
  telemetry::Counter& unreadable_;
  telemetry::Counter& foreign_;
};

}  // namespace countersign::executor
