#pragma once

// RunConductor: the only one that opens, advances and stops runs. Every loop that changes a step tells it what happened; it decides what
// follows, and owes the messages for it: `steps`, `outcomes`, `referrals`.
//
//     accept_plan ─▶ first step's turn ─▶ (claim, call) ─▶ step_ended ─▶ next step's turn │ close │ back to the planner
//     stop ─▶ steps that are not in flight end ─▶ (last one settles) ─▶ run.stopped, outcome or next run
//
// Promise    Every run that opens gets exactly one run.stopped, and never while a call of it may be under way.
// Not ours   What may be claimed: claim_desk.hpp. The rules themselves: domain/plan_protocol.hpp, domain/stop.hpp, domain/close.hpp.
// Threads    The batch's thread; stateless but for its borrowed parts.

#include <string>
#include <string_view>
#include <vector>

#include "catalog/catalog.hpp"
#include "contracts/messages.hpp"
#include "domain/close.hpp"
#include "domain/stop.hpp"
#include "executor/case.hpp"
#include "pipeline/batch.hpp"

namespace countersign::executor {

class OutcomeTally;

class RunConductor {
 public:
  // Without a catalog outcomes carry no wording; without a tally they are not counted.
  explicit RunConductor(const catalog::Catalog* catalog = nullptr, const OutcomeTally* tally = nullptr)
      : catalog_(catalog), tally_(tally) {}

  // Opens the next run at the ticket's version; with no runs left the ticket is handed off instead, and one.run stays absent.
  void open_run(TicketCase& one, pipeline::Batch& batch) const;
  // Numbers the plan's steps, gives the first its turn; a plan without steps closes the run at once. `risks` in the order of the steps.
  void accept_plan(TicketCase& one, const contracts::PlanProposed& plan, const std::vector<domain::RiskClass>& risks,
                   pipeline::Batch& batch) const;
  // Answers with step.rejected and counts a turn.
  void reject_plan(TicketCase& one, const std::vector<std::string>& codes, pipeline::Batch& batch) const;

  // Moves a step and records the transition; `codes` are kept on the step. Illegal events are an invariant. A step that leaves `claimed`
  // loses its lease; who claims sets token and lease before.
  void move_step(TicketCase& one, Step& step, domain::StepEvent event, std::vector<std::string> codes, pipeline::Batch& batch) const;
  // The same for an effect. Keeps unknown_since, and lets go of the operation key of what certainly has not happened.
  void move_effect(TicketCase& one, Effect& effect, domain::EffectEvent event, std::vector<std::string> codes,
                   pipeline::Batch& batch) const;

  // A step reached succeeded, failed, unknown or denied (by move_step before): sends its `step.*` message, gives the next its turn, closes
  // the run, or leaves it to the planner; ends a stopping run when nothing is in flight any more. `result` for step.succeeded of a read
  // (redacted) or the receipt of an effect. Where `escalates` holds a code, a plan that stops here is not given back to the planner: the
  // run ends escalated with that code.
  // `unknown` is told, but the plan waits: the effect is being looked up, and step_ended is called again when it is settled.
  // A step of a run that has ended is only recorded.
  void step_ended(TicketCase& one, Step& step, const contracts::Json& result, pipeline::Batch& batch,
                  std::string_view escalates = {}) const;
  // A step that is ready or waits for people ends: by the gate, by people, or because nobody can tell what people said. With it ends its
  // approval, its effect if that was put back, and, where `escalates` holds a code, the run.
  void give_up(TicketCase& one, Step& step, domain::StepEvent event, const std::vector<std::string>& codes, std::string_view escalates,
               pipeline::Batch& batch) const;
  // A stopping run whose step was put back to `ready` ends it as certainly not done; otherwise nothing. Call after every put_back.
  void step_put_back(TicketCase& one, Step& step, pipeline::Batch& batch) const;
  // An unknown effect passed its limit: its run stops, lists it as unknown and is handed off, once.
  void effect_overdue(TicketCase& one, Effect& effect, pipeline::Batch& batch) const;

  // A success was reported for an effect that is on record as failed: people are told, at once and also after the run has ended.
  void effect_surprising(TicketCase& one, Effect& effect, pipeline::Batch& batch) const;

  // Something ends the run from outside; nothing when there is no live run. A run that nothing has happened in yet is not thrown away for
  // an update or a message: it goes on at the ticket's new version.
  void stop(TicketCase& one, domain::StopCause cause, pipeline::Batch& batch) const;
  // The run ends escalated with this code (no_plan, turns_exhausted, effect_unresolved, …); nothing when there is no live run.
  void escalate(TicketCase& one, std::string_view code, pipeline::Batch& batch) const;
  // The ticket ended without ever having had a run: its outcome is cancelled.
  void end_without_run(TicketCase& one, pipeline::Batch& batch) const;
  // Owes the ticket's outcome; the run's version has ended for good.
  void end_ticket(TicketCase& one, const Run& run, pipeline::Batch& batch) const;

 private:
  const catalog::Catalog* catalog_;
  const OutcomeTally* tally_;
};

}  // namespace countersign::executor
