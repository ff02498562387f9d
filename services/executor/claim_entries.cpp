#include "executor/claim_entries.hpp"

#include <nlohmann/json.hpp>

#include "executor/ticket_audit.hpp"

namespace countersign::executor {

namespace {

void fill_in(Effect& effect, const GateVerdict& verdict, base::WallTime now) {
  effect.tool_version = verdict.manifest->version;
  // Also of one that was put back: the manifest may call the operation by another name by now, and it is that name that others will ask
  // for.
  effect.operation = verdict.operation;
  effect.operation_key = verdict.operation_key;
  effect.key_held = !verdict.operation_key.empty() && !effect.key_passed;
  effect.held_until.reset();
  if (verdict.manifest->operation) effect.held_until = now + verdict.manifest->operation->window;
  effect.target = verdict.target;
  effect.amount = verdict.amount;
}

}  // namespace

void keep_findings(Step& step, const GateVerdict& verdict) {
  if (verdict.manifest != nullptr) {
    step.tool_version = verdict.manifest->version;
    step.risk = verdict.manifest->risk;
  }
  step.arguments = verdict.arguments;
  step.origins = verdict.origins;
  step.decision = verdict.decision;
  step.changed = step.judged = true;
}

void enter_effect(TicketCase& one, const Step& step, const GateVerdict& verdict, const RunConductor& conductor, pipeline::Batch& batch) {
  if (Effect* known = one.find_effect(step.run, step.number)) {
    fill_in(*known, verdict, batch.now());
    return conductor.move_effect(one, *known, domain::EffectEvent::claim, {}, batch);
  }
  Effect effect;
  fill_in(effect, verdict, batch.now());
  effect.run = step.run;
  effect.step = step.number;
  effect.tool = step.tool;
  effect.idempotency_key = verdict.idempotency_key;
  effect.arguments = verdict.arguments;
  effect.created_at = batch.now();
  effect.fresh = effect.changed = true;
  one.transitions.push_back({step.run, step.number, "effect", "", "claimed", {}, {}});
  one.effects.push_back(std::move(effect));
}

void audit_verdict(const TicketCase& one, const Step& step, std::string event, const GateVerdict& verdict, pipeline::Batch& batch) {
  nlohmann::json detail{{"tool", step.tool}};
  if (verdict.manifest != nullptr) detail["tool_version"] = verdict.manifest->version;
  if (!verdict.codes.empty()) detail["codes"] = verdict.codes;
  if (!verdict.decision.is_null()) detail["decision"] = verdict.decision.value();
  if (!verdict.target.empty()) detail["target"] = verdict.target;
  if (verdict.amount) detail["amount"] = base::to_text(*verdict.amount);
  audit_ticket(one, step.run, step.number, std::move(event), detail, batch);
}

}  // namespace countersign::executor
