#include "executor/run_ending.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/invariant.hpp"
#include "base/mutation.hpp"
#include "domain/codes.hpp"
#include "executor/approval_moves.hpp"
#include "executor/letter.hpp"
#include "executor/run_messages.hpp"
#include "executor/ticket_audit.hpp"

namespace countersign::executor {

using domain::RunEvent;
using domain::StepEvent;

void move_run(TicketCase& one, RunEvent event, std::vector<std::string> codes) {
  Run& run = *one.run;
  const auto next = domain::transition(run.state, event);
  COUNTERSIGN_INVARIANT(next.has_value(), "a run makes only the moves of its table");
  one.transitions.push_back(
      {run.number, 0, "run", std::string(domain::name_of(run.state)), std::string(domain::name_of(*next)), std::move(codes), {}});
  run.state = *next;
  one.run_changed = true;
}

void owe(TicketCase& one, const Step& step, const base::Uuid& id) {
  const auto found = std::find_if(one.transitions.rbegin(), one.transitions.rend(), [&](const Transition& transition) {
    return transition.what == "step" && transition.run == step.run && transition.step == step.number;
  });
  COUNTERSIGN_INVARIANT(found != one.transitions.rend() && !found->outbox_id, "a step's message follows the change it tells of");
  found->outbox_id = id;
}

void add_code(std::vector<std::string>& codes, std::string_view code) {
  if (!code.empty() && std::find(codes.begin(), codes.end(), code) == codes.end()) codes.emplace_back(code);
}

void hand_off(TicketCase& one, const Run& run, std::string_view reason, pipeline::Batch& batch) {
  const auto id = refer_handoff(one, run, reason, batch);
  one.transitions.push_back({run.number, 0, "ticket", "", "handed_off", {std::string(reason)}, id});
  audit_ticket(one, run.number, 0, "ticket_handed_off", {{"reason", reason}}, batch);
}

void RunEnding::begin(domain::StopReason reason, std::string_view code) {
  Run& run = *one_.run;
  run.stop_reason = reason;
  add_code(run.codes, code);
  move_run(one_, RunEvent::stop, run.codes);
  for (Step& step : one_.steps) {
    if (step.run != run.number) continue;
    if (with_outbox(step)) take_back_letter(one_, step, domain::codes::run_stopping, batch_);
    end_step(step);
  }
  try_end();
}

void RunEnding::end_step(Step& step) {
  Effect* effect = one_.find_effect(step.run, step.number);
  const auto event = domain::on_stop(step.state, effect != nullptr);
  if (!event) return;
  const std::string code(*event == StepEvent::fail ? domain::codes::not_done : domain::codes::run_stopping);
  withdraw_open_approval(one_, step, {code}, batch_);
  if (effect != nullptr && effect->state == domain::EffectState::ready)
    conductor_.move_effect(one_, *effect, domain::EffectEvent::fail, {code}, batch_);
  conductor_.move_step(one_, step, *event, {code}, batch_);
  if (step.turn) owe(one_, step, tell_step_ended(one_, step, domain::name_of(step.state), batch_));
}

void RunEnding::try_end() {
  if (!one_.run || one_.run->state != domain::RunState::stopping) return;
  const Run& run = *one_.run;
  const std::string code = run.codes.empty() ? "" : run.codes.front();
  const auto facts = step_facts(one_, run.number);
  const auto verdict = domain::judge_stop(*run.stop_reason, code, false, facts);
  if (verdict.may_end || base::mutated(base::Mutation::drop_stopping)) end(verdict);
}

void RunEnding::end(const domain::StopVerdict& verdict) {
  one_.run->stopped_at = batch_.now();
  move_run(one_, RunEvent::end, one_.run->codes);
  const Run ended = std::move(*one_.run);
  one_.run.reset();
  one_.run_changed = false;
  one_.transitions.back().outbox_id = tell_run_stopped(one_, ended, batch_);
  audit_ticket(one_, ended.number, 0, "run_stopped",
               {{"stop_reason", domain::name_of(*ended.stop_reason)}, {"codes", ended.codes}, {"ticket_version", ended.version}}, batch_);
  if (!verdict.outcome.empty()) conductor_.end_ticket(one_, ended, batch_);
  if (verdict.hands_off) hand_off(one_, ended, verdict.handoff_reason, batch_);
  one_.ended_runs.push_back(ended);
  // What came in while the run was stopping for another reason still wants an answer.
  const bool overtaken = one_.ticket.version > ended.version;
  if ((verdict.next_run || overtaken) && one_.ticket.status == TicketStatus::open) conductor_.open_run(one_, batch_);
}

}  // namespace countersign::executor
