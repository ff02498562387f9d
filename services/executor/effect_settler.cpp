#include "executor/effect_settler.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/invariant.hpp"
#include "domain/codes.hpp"
#include "executor/approval_moves.hpp"
#include "executor/random_bits.hpp"
#include "executor/ticket_audit.hpp"

namespace countersign::executor {

namespace {

using domain::EffectEvent;
using domain::EffectState;
using domain::StepEvent;
using domain::StepState;
using std::chrono::milliseconds;

std::vector<std::string> codes_of(std::string_view code) {
  return code.empty() ? std::vector<std::string>{} : std::vector<std::string>{std::string(code)};
}

std::string_view word_of(const domain::CallEnd& end) {
  switch (end.kind) {
    case domain::CallEnd::Kind::not_sent:
      return "not_sent";
    case domain::CallEnd::Kind::answered:
      return "answered";
    case domain::CallEnd::Kind::lost:
      return "lost";
    case domain::CallEnd::Kind::lease_ended:
      break;
  }
  return "lease_ended";
}

void audit_step(const TicketCase& one, const Step& step, std::string event, nlohmann::json detail, pipeline::Batch& batch) {
  detail["tool"] = step.tool;
  detail["state"] = domain::name_of(step.state);
  audit_ticket(one, step.run, step.number, std::move(event), detail, batch);
}

void audit_call(const TicketCase& one, const Step& step, const EndedCall& call, std::string_view code, pipeline::Batch& batch) {
  nlohmann::json detail{{"end", word_of(call.end)}, {"sent", call.sent}, {"unsent", call.unsent}};
  if (call.status != 0) detail["status"] = call.status;
  if (!code.empty()) detail["code"] = code;
  if (!call.result_code.empty()) detail["result"] = call.result_code;
  if (!call.trouble.empty()) detail["trouble"] = call.trouble;
  audit_step(one, step, "call_ended", std::move(detail), batch);
}

domain::CallFacts facts_of(const Step& step, bool effect, const catalog::ToolManifest* manifest, const EndedCall& call, bool stopping) {
  domain::CallFacts facts;
  facts.effect = effect;
  if (manifest != nullptr) {
    facts.idempotency = manifest->idempotency;
    facts.retry = manifest->retry;
  }
  facts.sent_attempts = step.sent;
  facts.unsent_attempts = step.unsent;
  facts.earlier_unanswered = call.earlier_unanswered;
  facts.stopping = stopping;
  facts.random = random_bits();
  return facts;  // without lease left: whatever is tried again is tried in another claim
}

}  // namespace

bool EffectSettler::stopping(const TicketCase& one, const Step& step) {
  return !one.run || one.run->number != step.run || one.run->state != domain::RunState::running;
}

milliseconds EffectSettler::limit_of(const catalog::ToolManifest* manifest) const {
  if (manifest != nullptr && manifest->reconcile) return manifest->reconcile->limit;
  const bool letter = manifest != nullptr && manifest->message.has_value();
  return letter ? std::min(options_.limit_of_letters, options_.limit_without_look) : options_.limit_without_look;
}

void EffectSettler::settle(TicketCase& one, Step& step, const catalog::ToolManifest* manifest, const EndedCall& call,
                           pipeline::Batch& batch) const {
  step.sent += call.sent;
  step.unsent += call.unsent;
  step.changed = true;
  Effect* effect = one.find_effect(step.run, step.number);
  auto settlement = domain::settle(call.end, facts_of(step, effect != nullptr, manifest, call, stopping(one, step)));
  // The status of a read says little when nobody can make out what was read.
  if (effect == nullptr && settlement.step == StepState::succeeded && !call.result_code.empty()) {
    settlement.step = StepState::failed;
    settlement.code = call.result_code;
  }
  switch (settlement.step) {
    case StepState::succeeded:
      succeed(one, step, effect, call, batch);
      break;
    case StepState::failed:
      fail(one, step, effect, settlement.code, batch);
      break;
    case StepState::ready:
      put_back(one, step, effect, settlement.again_in.value_or(milliseconds{0}), settlement.code, batch);
      break;
    default:
      COUNTERSIGN_INVARIANT(settlement.step == StepState::unknown && effect != nullptr, "without lease left only an effect stays open");
      lose(one, step, *effect, manifest, settlement.code, batch);
  }
  audit_call(one, step, call, settlement.code, batch);
}

void EffectSettler::succeed(TicketCase& one, Step& step, Effect* effect, const EndedCall& call, pipeline::Batch& batch) const {
  if (effect != nullptr) {
    effect->receipt = call.result;
    conductor_.move_effect(one, *effect, EffectEvent::succeed, {}, batch);
  } else {
    add_evidence(one, step, call.result, batch.now());
  }
  conductor_.move_step(one, step, StepEvent::succeed, {}, batch);
  conductor_.step_ended(one, step, call.result, batch);
}

void EffectSettler::fail(TicketCase& one, Step& step, Effect* effect, std::string_view code, pipeline::Batch& batch) const {
  if (effect != nullptr) conductor_.move_effect(one, *effect, EffectEvent::fail, codes_of(code), batch);
  conductor_.move_step(one, step, StepEvent::fail, codes_of(code), batch);
  conductor_.step_ended(one, step, contracts::Json(), batch);
}

void EffectSettler::lose(TicketCase& one, Step& step, Effect& effect, const catalog::ToolManifest* manifest, std::string_view code,
                         pipeline::Batch& batch) const {
  conductor_.move_effect(one, effect, EffectEvent::lose_answer, codes_of(code), batch);
  const bool can_look = manifest != nullptr && manifest->reconcile.has_value();
  effect.look_at = batch.now() + (can_look ? manifest->reconcile->settle : limit_of(manifest));
  effect.changed = true;
  conductor_.move_step(one, step, StepEvent::lose_answer, codes_of(code), batch);
  conductor_.step_ended(one, step, contracts::Json(), batch);
}

void EffectSettler::put_back(TicketCase& one, Step& step, Effect* effect, milliseconds again_in, std::string_view code,
                             pipeline::Batch& batch) const {
  if (effect != nullptr) conductor_.move_effect(one, *effect, EffectEvent::put_back, codes_of(code), batch);
  conductor_.move_step(one, step, StepEvent::put_back, codes_of(code), batch);
  step.due_at = batch.now() + again_in;
  step.turn = true;
  step.changed = true;
  conductor_.step_put_back(one, step, batch);
}

void EffectSettler::add_evidence(TicketCase& one, const Step& step, const contracts::Json& result, base::WallTime now) const {
  one.evidence.push_back({.run = step.run,
                          .step = step.number,
                          .name = step.name,
                          .tool = step.tool,
                          .tool_version = step.tool_version.value_or(0),
                          .arguments = step.arguments,
                          .result = result,
                          .origin = domain::worst_of(step.origins),
                          .read_at = now,
                          .fresh = true});
}

void EffectSettler::settle_late(TicketCase& one, Step& step, Effect& effect, const contracts::Json& receipt, pipeline::Batch& batch) const {
  const auto judged = domain::judge_late_success(effect.state);
  if (judged == domain::LateSuccess::known) return;
  if (judged == domain::LateSuccess::surprises) {
    conductor_.effect_surprising(one, effect, batch);
    return;
  }
  withdraw_open_approval(one, step, {"late_success"}, batch);  // what was put back may have been shown to people again
  effect.receipt = receipt;
  conductor_.move_effect(one, effect, EffectEvent::succeed, {}, batch);
  conductor_.move_step(one, step, StepEvent::succeed, {}, batch);
  conductor_.step_ended(one, step, receipt, batch);
  audit_step(one, step, "late_success", nlohmann::json::object(), batch);
}

void EffectSettler::settle_look(TicketCase& one, Step& step, Effect& effect, const catalog::ToolManifest* manifest,
                                const domain::LookVerdict& verdict, const contracts::Json& receipt, pipeline::Batch& batch) const {
  using Next = domain::LookVerdict::Next;
  if (verdict.next == Next::settle) {
    if (verdict.step == StepState::succeeded) {
      EndedCall found;
      found.result = receipt;
      succeed(one, step, &effect, found, batch);
    } else if (verdict.step == StepState::failed) {
      fail(one, step, &effect, verdict.code, batch);
    } else {
      put_back(one, step, &effect, milliseconds{0}, verdict.code, batch);
    }
    audit_step(one, step, "effect_reconciled", nlohmann::json::object(), batch);
    return;
  }
  if (verdict.next == Next::ask_person && !effect.overdue) {
    conductor_.effect_overdue(one, effect, batch);
    effect.overdue = true;
  }
  effect.look_at = batch.now() + next_look(effect, manifest, batch.now());
  effect.changed = true;
}

// The longer it has been unknown, the more seldom; but not past the limit, which somebody has to notice.
milliseconds EffectSettler::next_look(const Effect& effect, const catalog::ToolManifest* manifest, base::WallTime now) const {
  if (effect.overdue) return options_.look_overdue;
  const auto since = std::chrono::duration_cast<milliseconds>(now - effect.unknown_since.value_or(now));
  const auto paced = std::clamp(since / 2, options_.look_again_least, options_.look_again_most);
  return std::clamp(limit_of(manifest) - since, milliseconds{10}, paced);
}

}  // namespace countersign::executor
