#pragma once

// RunEnding: how the end of a run, its messages and the next run follow from each other. RunConductor decides when.
//
// Beside it what both need to change a case: every change leaves a transition, and a transition keeps the message that it owed.
//
// Threads    The batch's thread; lives for one change.
// Ownership  Borrows everything.

#include <string>
#include <string_view>
#include <vector>

#include "domain/stop.hpp"
#include "executor/case.hpp"
#include "executor/run_conductor.hpp"
#include "pipeline/batch.hpp"

namespace countersign::executor {

class RunEnding {
 public:
  RunEnding(const RunConductor& conductor, TicketCase& one, pipeline::Batch& batch) : conductor_(conductor), one_(one), batch_(batch) {}

  // The live run stops: what has not begun ends with it, and the run too when nothing is in flight.
  void begin(domain::StopReason reason, std::string_view code);
  // A step that is neither in flight nor ended ends with its run; only one whose turn had come is told of.
  void end_step(Step& step);
  // Ends a stopping run when nothing is in flight any more; otherwise nothing.
  void try_end();

 private:
  void end(const domain::StopVerdict& verdict);

  const RunConductor& conductor_;
  TicketCase& one_;
  pipeline::Batch& batch_;
};

void move_run(TicketCase& one, domain::RunEvent event, std::vector<std::string> codes);
// Notes on the latest change of the step which message it owed.
void owe(TicketCase& one, const Step& step, const base::Uuid& id);
// Each code once.
void add_code(std::vector<std::string>& codes, std::string_view code);
// Gives the ticket to people.
void hand_off(TicketCase& one, const Run& run, std::string_view reason, pipeline::Batch& batch);

}  // namespace countersign::executor
