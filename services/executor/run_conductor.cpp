#include "executor/run_conductor.hpp"

#include <nlohmann/json.hpp>

#include "base/invariant.hpp"
#include "domain/codes.hpp"
#include "domain/effect.hpp"
#include "domain/plan_protocol.hpp"
#include "executor/approval_moves.hpp"
#include "executor/outcome_tally.hpp"
#include "executor/plan_course.hpp"
#include "executor/product_wording.hpp"
#include "executor/run_ending.hpp"
#include "executor/run_messages.hpp"
#include "executor/ticket_audit.hpp"

namespace countersign::executor {

namespace {

using domain::StepEvent;
using domain::StepState;
using domain::StopReason;

std::string_view code_of(domain::StopCause cause) {
  switch (cause) {
    case domain::StopCause::cancel_asked:
      return domain::codes::cancelled_by_request;
    case domain::StopCause::ticket_closed:
      return domain::codes::ticket_closed;
    case domain::StopCause::switched_off:
      return domain::codes::switched_off;
    default:
      return domain::codes::ticket_updated;
  }
}

// The word after `step.`.
std::string_view end_of(const Step& step) { return step.changes_wanted ? "changes_requested" : domain::name_of(step.state); }

bool live(const TicketCase& one, const Step& step) { return one.run && one.run->number == step.run; }

// Nothing has happened in it: no plan was accepted or answered.
bool untouched(const Run& run) { return run.state == domain::RunState::awaiting_plan && run.turns == 0 && run.plans == 0; }

// Stands in where a ticket ends without a run.
Run no_run(const TicketCase& one, StopReason reason, std::string_view code) {
  Run run;
  run.version = one.ticket.version;
  run.stop_reason = reason;
  run.codes = {std::string(code)};
  return run;
}

// A ticket that has used up its runs is told about once: our own messages must not keep a loop with the source alive.
void refuse_run(const RunConductor& conductor, TicketCase& one, pipeline::Batch& batch) {
  const Run none = no_run(one, StopReason::escalated, domain::codes::runs_exhausted);
  const bool told = one.ticket.runs_opened > domain::most_runs_per_ticket;
  hand_off(one, none, domain::codes::runs_exhausted, batch);
  if (told) {
    one.ticket.ended_version = one.ticket.version;
  } else {
    ++one.ticket.runs_opened;
    conductor.end_ticket(one, none, batch);
  }
  one.ticket_changed = true;
}

}  // namespace

void RunConductor::open_run(TicketCase& one, pipeline::Batch& batch) const {
  COUNTERSIGN_INVARIANT(!one.run, "a ticket has one live run");
  if (!domain::runs_left(one.ticket.runs_opened)) return refuse_run(*this, one, batch);
  Run run;
  run.fresh = true;
  run.number = ++one.ticket.runs_opened;
  run.version = one.ticket.version;
  run.opened_at = run.waiting_since = batch.now();
  if (!one.ticket.actor.is_null()) run.actor = one.ticket.actor.value().at("id").get<std::string>();
  one.run = std::move(run);
  one.ticket_changed = one.run_changed = true;
  one.transitions.push_back({one.run->number, 0, "run", "", "awaiting_plan", {}, {}});
  audit_ticket(one, one.run->number, 0, "run_opened", {{"ticket_version", one.run->version}, {"actor", one.run->actor}}, batch);
}

void RunConductor::accept_plan(TicketCase& one, const contracts::PlanProposed& plan, const std::vector<domain::RiskClass>& risks,
                               pipeline::Batch& batch) const {
  PlanCourse(*this, one, batch).begin(plan, risks);
}

void RunConductor::reject_plan(TicketCase& one, const std::vector<std::string>& codes, pipeline::Batch& batch) const {
  ++one.run->turns;
  one.run_changed = true;
  const auto id = tell_plan_rejected(one, codes, batch);
  const std::string state(domain::name_of(one.run->state));
  one.transitions.push_back({one.run->number, 0, "run", state, state, codes, id});
  audit_ticket(one, one.run->number, 0, "plan_rejected", {{"codes", codes}, {"turn", one.run->turns}}, batch);
}

void RunConductor::move_step(TicketCase& one, Step& step, StepEvent event, std::vector<std::string> codes, pipeline::Batch& batch) const {
  const auto next = domain::transition(step.state, event);
  COUNTERSIGN_INVARIANT(next.has_value(), "a step makes only the moves of its table");
  one.transitions.push_back(
      {step.run, step.number, "step", std::string(domain::name_of(step.state)), std::string(domain::name_of(*next)), codes, {}});
  step.state = *next;
  step.codes = std::move(codes);
  step.changed = true;
  if (step.state != StepState::claimed) step.lease_until.reset();
  if (domain::final_state(step.state)) step.ended_at = batch.now();
}

void RunConductor::move_effect(TicketCase& one, Effect& effect, domain::EffectEvent event, std::vector<std::string> codes,
                               pipeline::Batch& batch) const {
  const auto next = domain::transition(effect.state, event);
  COUNTERSIGN_INVARIANT(next.has_value(), "an effect makes only the moves of its table");
  one.transitions.push_back({effect.run,
                             effect.step,
                             "effect",
                             std::string(domain::name_of(effect.state)),
                             std::string(domain::name_of(*next)),
                             std::move(codes),
                             {}});
  effect.state = *next;
  effect.changed = true;
  // One that was put back keeps its key: it is about to be claimed again, and a late success would need it.
  const bool over = effect.state == domain::EffectState::failed || effect.state == domain::EffectState::compensated;
  effect.key_held = !effect.operation_key.empty() && !over && !effect.key_passed;
  if (effect.state == domain::EffectState::unknown) {
    effect.unknown_since = batch.now();
  } else {
    effect.unknown_since.reset();
    effect.look_at.reset();
  }
}

void RunConductor::step_ended(TicketCase& one, Step& step, const contracts::Json& result, pipeline::Batch& batch,
                              std::string_view escalates) const {
  if (!live(one, step)) return;
  const bool succeeded = step.state == StepState::succeeded;
  owe(one, step, succeeded ? tell_step_succeeded(one, step, result, batch) : tell_step_ended(one, step, end_of(step), batch));
  RunEnding ending(*this, one, batch);
  if (one.run->state == domain::RunState::stopping) return ending.try_end();
  if (step.state == StepState::unknown) return;
  PlanCourse course(*this, one, batch);
  if (succeeded)
    course.go_on(escalates);
  else
    course.break_off(escalates);
}

void RunConductor::give_up(TicketCase& one, Step& step, StepEvent event, const std::vector<std::string>& codes, std::string_view escalates,
                           pipeline::Batch& batch) const {
  withdraw_open_approval(one, step, codes, batch);
  if (Effect* effect = one.find_effect(step.run, step.number))
    move_effect(one, *effect, domain::EffectEvent::fail, {std::string(domain::codes::not_done)}, batch);
  move_step(one, step, event, codes, batch);
  step_ended(one, step, contracts::Json(), batch, escalates);
}

void RunConductor::step_put_back(TicketCase& one, Step& step, pipeline::Batch& batch) const {
  if (!live(one, step) || one.run->state != domain::RunState::stopping || step.state != StepState::ready) return;
  RunEnding ending(*this, one, batch);
  ending.end_step(step);
  ending.try_end();
}

void RunConductor::effect_overdue(TicketCase& one, Effect& effect, pipeline::Batch& batch) const {
  if (effect.overdue) return;
  effect.overdue = effect.changed = true;
  audit_ticket(one, effect.run, 0, "effect_overdue", {{"step", effect.step}, {"tool", effect.tool}}, batch);
  if (!one.run || one.run->number != effect.run) return;
  if (one.run->state == domain::RunState::stopping) {
    add_code(one.run->codes, domain::codes::effect_unknown);
    one.run_changed = true;
    return RunEnding(*this, one, batch).try_end();
  }
  escalate(one, domain::codes::effect_unknown, batch);
}

void RunConductor::effect_surprising(TicketCase& one, Effect& effect, pipeline::Batch& batch) const {
  audit_ticket(one, effect.run, 0, "effect_surprising", {{"step", effect.step}, {"tool", effect.tool}}, batch);
  Run told;
  told.number = effect.run;
  told.version = one.ticket.version;
  told.codes = {std::string(domain::codes::effect_surprising)};
  hand_off(one, told, domain::codes::effect_surprising, batch);
}

void RunConductor::stop(TicketCase& one, domain::StopCause cause, pipeline::Batch& batch) const {
  if (!one.run) return;
  Run& run = *one.run;
  const StopReason asked = domain::reason_for(cause);
  if (asked == StopReason::superseded && untouched(run)) {
    run.version = one.ticket.version;
    run.waiting_since = batch.now();
    one.run_changed = true;
    return;
  }
  if (run.state != domain::RunState::stopping) return RunEnding(*this, one, batch).begin(asked, code_of(cause));
  const StopReason reason = domain::reason_after(*run.stop_reason, cause);
  if (reason == *run.stop_reason) return;
  run.stop_reason = reason;
  add_code(run.codes, code_of(cause));
  one.run_changed = true;
}

void RunConductor::escalate(TicketCase& one, std::string_view code, pipeline::Batch& batch) const {
  if (!one.run) return;
  if (one.run->state != domain::RunState::stopping) return RunEnding(*this, one, batch).begin(StopReason::escalated, code);
  add_code(one.run->codes, code);
  one.run_changed = true;
}

void RunConductor::end_without_run(TicketCase& one, pipeline::Batch& batch) const {
  end_ticket(one, no_run(one, StopReason::cancelled, domain::codes::ticket_closed), batch);
}

void RunConductor::end_ticket(TicketCase& one, const Run& run, pipeline::Batch& batch) const {
  const auto snapshot = catalog_ == nullptr ? nullptr : catalog_->current();
  auto wording = snapshot == nullptr ? std::vector<std::string>{} : product_wording(*snapshot, one, run.number);
  const auto id = tell_outcome(one, run, std::move(wording), batch);
  one.transitions.push_back({run.number, 0, "ticket", "", std::string(domain::name_of(*run.stop_reason)), run.codes, id});
  one.ticket.ended_version = run.version;
  one.ticket_changed = true;
  if (tally_ == nullptr) return;
  if (run.number > 0)
    tally_->count(*run.stop_reason, batch.now() - run.opened_at);
  else
    tally_->count(*run.stop_reason);
}

}  // namespace countersign::executor
