#pragma once

// PlanCourse: the way of an accepted plan through its steps: they get their numbers, take turns, and the end of the plan closes the run or
// gives it back to the planner. RunConductor decides when.
//
// Threads    The batch's thread; lives for one change.
// Ownership  Borrows everything.

#include <string_view>
#include <vector>

#include "contracts/messages.hpp"
#include "domain/risk.hpp"
#include "executor/case.hpp"
#include "executor/run_conductor.hpp"
#include "pipeline/batch.hpp"

namespace countersign::executor {

// The case must have a live run.
class PlanCourse {
 public:
  PlanCourse(const RunConductor& conductor, TicketCase& one, pipeline::Batch& batch) : conductor_(conductor), one_(one), batch_(batch) {}

  // The first step has its turn; a plan without steps closes the run. `risks` in the order of the steps.
  void begin(const contracts::PlanProposed& plan, const std::vector<domain::RiskClass>& risks);
  // A step of it succeeded: the next one's turn, or the end of the plan. For `escalates` see RunConductor::step_ended.
  void go_on(std::string_view escalates);
  // A step of it did not: what has not begun is dropped with it, and the plan has ended.
  void break_off(std::string_view escalates);

 private:
  void add_steps(const contracts::PlanProposed& plan, const std::vector<domain::RiskClass>& risks);
  Step* find_next();
  void close();
  void finish(std::string_view escalates);

  const RunConductor& conductor_;
  TicketCase& one_;
  pipeline::Batch& batch_;
};

}  // namespace countersign::executor
