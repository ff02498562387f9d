#pragma once

// PlanDesk: considers a plan for a ticket whose lock is held: takes it up, keeps it for a version to come, answers that it will not do, or
// lets it drop.
//
// Not ours   The rule: domain/plan_protocol.hpp. What is wrong with a plan: plan_review.hpp. What follows: run_conductor.hpp.
// Threads    The batch's thread.
// Ownership  Borrows every constructor argument.
// Failure    Throws base::Unavailable while there is no configuration.

#include "catalog/catalog.hpp"
#include "contracts/messages.hpp"
#include "domain/plan_protocol.hpp"
#include "executor/case.hpp"
#include "executor/run_conductor.hpp"
#include "pipeline/batch.hpp"
#include "telemetry/metrics.hpp"

namespace countersign::executor {

class PlanDesk {
 public:
  PlanDesk(const RunConductor& conductor, const catalog::Catalog& catalog, telemetry::Telemetry telemetry);

  void consider(TicketCase& one, const contracts::PlanProposed& plan, pipeline::Batch& batch) const;
  // A plan that could not be read; it counts as a turn all the same, or a planner that only sends rubbish would never be noticed.
  void consider_unreadable(TicketCase& one, pipeline::Batch& batch) const;
  // The ticket's version has grown: the plan that was kept for it, if there is one, has its turn.
  void consider_held(TicketCase& one, pipeline::Batch& batch) const;
  // Takes back a plan that is held. One that was accepted runs on: its steps are judged one by one.
  void withdraw(TicketCase& one, const contracts::PlanWithdrawn& withdrawn) const;

 private:
  void apply(TicketCase& one, const domain::PlanVerdict& verdict, const contracts::PlanProposed* plan, pipeline::Batch& batch) const;
  void count(std::string_view verdict, std::string_view reason) const;

  const RunConductor& conductor_;
  const catalog::Catalog& catalog_;
  telemetry::Telemetry telemetry_;
};

}  // namespace countersign::executor
