#include "approval/approval_conductor.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/invariant.hpp"
#include "contracts/codec.hpp"

namespace countersign::approval {

namespace {

using domain::ApprovalEvent;
using domain::ApprovalState;

std::string word(ApprovalState state) { return std::string(domain::name_of(state)); }

const char* audit_event_of(ApprovalState state) {
  switch (state) {
    case ApprovalState::requested:
      return "approval_requested";
    case ApprovalState::approved:
      return "approval_granted";
    case ApprovalState::denied:
      return "approval_denied";
    case ApprovalState::changes_requested:
      return "approval_changes_requested";
    case ApprovalState::expired:
      return "approval_expired";
    case ApprovalState::withdrawn:
      return "approval_withdrawn";
    case ApprovalState::consumed:
      return "approval_consumed";
  }
  COUNTERSIGN_INVARIANT(false, "every state of an approval has an audit event");
}

pipeline::AuditEntry entry_about(const Approval& approval, std::string event, const nlohmann::json& detail) {
  return {approval.tenant, approval.ticket_id, approval.run, approval.step, std::move(event), detail.dump()};
}

Approval make_approval(const contracts::ShownApproval& shown, const std::string& digest, base::WallTime now) {
  Approval one;
  one.tenant = shown.tenant;
  one.id = shown.approval_id;
  one.ticket_id = shown.ticket_id;
  one.run = static_cast<std::int32_t>(shown.run);
  one.step = static_cast<std::int32_t>(shown.step);
  one.action = shown.action;
  one.action_digest = shown.action_digest;
  one.requirement = shown.requirement;
  one.requirement_digest = shown.requirement_digest;
  one.shown_digest = digest;
  one.requester = shown.requester.id;
  one.actor = shown.actor;
  one.requested_at = now;
  // A whole second, so that a countersignature, which knows no others, can last exactly as long.
  if (const auto seconds = shown.requirement.expires_after_s)
    one.expires_at = std::chrono::floor<std::chrono::seconds>(now + std::chrono::seconds{*seconds});
  return one;
}

}  // namespace

const catalog::Realm* realm_of_tenant(const catalog::Snapshot& configuration, std::string_view tenant) {
  const catalog::Realm* main = configuration.find_realm("main");
  if (main != nullptr && main->carries(tenant)) return main;
  for (const auto& [name, realm] : configuration.realms())
    if (realm.carries(tenant)) return &realm;
  return nullptr;
}

Question ApprovalConductor::question_about(const Approval& approval) {
  Question question{.approval = approval};
  question.audience = contracts::decision_audience(parts_.executors.environment);
  const auto& action = approval.action;
  const auto* manifest = configuration_.find_tool(approval.tenant, action.tool);
  if (manifest != nullptr && manifest->digest == action.manifest_digest) question.risk = manifest->risk;
  question.contributors = parts_.store.find_contributors(batch_, approval);
  const auto denials = parts_.store.find_denials(batch_, approval, 1);
  if (!denials.empty()) question.denier = denials.front().person;
  // What happened earlier in this very batch is in no table yet.
  for (const auto& [key, other] : docket_.approvals) {
    if (!docket_.moved.contains(key) || key == approval.key() || other.tenant != approval.tenant) continue;
    if (other.state == ApprovalState::denied && action.operation_key && other.action.operation_key == action.operation_key)
      question.denier = other.people.front();
    if (other.state == ApprovalState::changes_requested && other.ticket_id == approval.ticket_id)
      question.contributors.insert(other.people.begin(), other.people.end());
  }
  return question;
}

void ApprovalConductor::open(const contracts::ReferralApproval& referral, const std::string& digest) {
  const auto fresh = make_approval(referral.shown, digest, batch_.now());
  const Approval& approval = docket_.approvals.emplace(fresh.key(), fresh).first->second;
  docket_.opened.push_back({approval.key(), contracts::shown_text(referral.shown), referral.request});
  auto denials = parts_.store.find_denials(batch_, approval, static_cast<std::int64_t>(contracts::most_earlier_denials));
  const auto told = tell_realm(approval, contracts::types::approval_requested,
                               contracts::encode(make_requested(approval, referral.shown, std::move(denials))));
  note(approval, std::nullopt, {}, told, std::nullopt);
  parts_.counters.requested();
}

Tally ApprovalConductor::weigh(const Question& question, const catalog::Directory& directory) const {
  auto result = tally(question, directory);
  const Approval& approval = question.approval;
  for (const auto& doubt : result.doubts)
    parts_.log.error(
        "vote_unverifiable",
        {{"tenant", approval.tenant}, {"approval", approval.id.str()}, {"decision", doubt.decision.str()}, {"code", doubt.code}});
  return result;
}

bool ApprovalConductor::stands(const Approval& approval) {
  const auto checked = parts_.store.find_referral(batch_, approval).and_then([&](const auto& referral) {
    return check_stored(approval, referral, parts_.executors, batch_.now());
  });
  if (checked) return true;
  parts_.counters.unverifiable();
  parts_.log.error(
      "referral_unverifiable",
      {{"tenant", approval.tenant}, {"ticket", approval.ticket_id}, {"approval", approval.id.str()}, {"code", checked.error().code}});
  return false;
}

void ApprovalConductor::grant(Approval& approval, const Tally& tally) {
  COUNTERSIGN_INVARIANT(tally.met, "nothing is granted before its requirement is met");
  if (!stands(approval)) return end(approval, {.event = ApprovalEvent::withdraw, .codes = {unverifiable}});
  const auto old = word(approval.state);
  move(approval, ApprovalEvent::approve);
  approval.people = names_of(tally.people);
  const auto countersignature = countersign(approval, tally, false);
  const auto told =
      tell_realm(approval, contracts::types::approval_granted, contracts::encode(make_ended(approval, tally.people, batch_.now())));
  const auto verdict =
      tell_executor(approval, contracts::types::verdict_granted, contracts::encode(make_granted(approval, countersignature, tally.people)));
  note(approval, old, approval.people, told, verdict);
}

bool ApprovalConductor::grant_again(const Approval& approval, const Tally& tally) {
  COUNTERSIGN_INVARIANT(tally.met, "nothing is granted again unless its requirement is still met");
  if (!stands(approval)) return false;
  const auto countersignature = countersign(approval, tally, true);
  const auto verdict =
      tell_executor(approval, contracts::types::verdict_granted, contracts::encode(make_granted(approval, countersignature, tally.people)));
  note(approval, word(approval.state), names_of(tally.people), std::nullopt, verdict);
  return true;
}

void ApprovalConductor::end(Approval& approval, const Ending& ending) {
  const auto old = word(approval.state);
  move(approval, ending.event);
  // Who approved stays on record when what they approved is withdrawn or too late.
  if (!ending.people.empty()) approval.people = names_of(ending.people);
  approval.reason = ending.reason;
  approval.codes = ending.codes;
  const auto message = make_ended(approval, ending.people, batch_.now());
  const auto told = tell_realm(approval, "approval." + message.end, contracts::encode(message));
  std::optional<base::Uuid> verdict;
  if (ending.tell_executor)
    verdict = tell_executor(approval, "verdict." + message.end, contracts::encode(make_verdict(approval, ending.people)));
  note(approval, old, names_of(ending.people), told, verdict);
}

void ApprovalConductor::consume(Approval& approval, const base::Uuid& jti) {
  docket_.consumed.emplace_back(approval.tenant, jti);
  if (approval.state == ApprovalState::consumed) return;  // the same effect, claimed again under a newer countersignature
  const auto old = word(approval.state);
  move(approval, ApprovalEvent::consume);
  const auto told = tell_realm(approval, contracts::types::approval_consumed, contracts::encode(make_ended(approval, {}, batch_.now())));
  note(approval, old, {}, told, std::nullopt);
}

void ApprovalConductor::tell_again(const Approval& approval) {
  const auto verdict = make_verdict(approval, {});
  note(approval, word(approval.state), {}, std::nullopt, tell_executor(approval, "verdict." + verdict.end, contracts::encode(verdict)));
}

void ApprovalConductor::refuse(const contracts::VerdictEnded& verdict) {
  Approval nobodys;
  nobodys.tenant = verdict.tenant;
  nobodys.ticket_id = verdict.ticket_id;
  nobodys.run = static_cast<std::int32_t>(verdict.run);
  nobodys.step = static_cast<std::int32_t>(verdict.step);
  const auto id = tell_executor(nobodys, "verdict." + verdict.end, contracts::encode(verdict));
  batch_.audit(entry_about(nobodys, "referral_refused",
                           {{"approval_id", verdict.approval_id.str()}, {"codes", verdict.codes}, {"verdict_id", id.str()}}));
}

void ApprovalConductor::record(const Approval* approval, Decision decision, bool answer) {
  audit_decision(approval, decision);
  parts_.counters.decided(decision.verb.value_or("unheard"), decision.code.value_or(""));
  if (answer) tell_realm(*approval, contracts::types::approval_decision_recorded, contracts::encode(make_recorded(*approval, decision)));
  docket_.decisions.push_back(std::move(decision));
}

void ApprovalConductor::move(Approval& approval, ApprovalEvent event) {
  const auto next = domain::transition(approval.state, event);
  COUNTERSIGN_INVARIANT(next.has_value(), "whoever moves an approval has looked at its state");
  if (approval.open()) approval.decided_at = batch_.now();
  approval.state = *next;
  docket_.moved.insert(approval.key());
  parts_.counters.moved(approval);
}

Countersignature ApprovalConductor::countersign(const Approval& approval, const Tally& tally, bool again) {
  auto made = parts_.countersigner.sign(approval, tally.decisions, batch_.ids().next(), batch_.now());
  made.again = again;
  docket_.countersignatures.push_back(made);
  parts_.counters.countersigned(again);
  batch_.audit(entry_about(approval, "countersignature_issued",
                           {{"approval_id", approval.id.str()},
                            {"jti", made.jti.str()},
                            {"kid", made.kid},
                            {"action_digest", approval.action_digest},
                            {"expires_at", base::to_rfc3339(made.expires_at)},
                            {"again", again}}));
  return made;
}

std::optional<base::Uuid> ApprovalConductor::tell_realm(const Approval& approval, std::string_view type, std::string data) {
  const auto* realm = realm_of_tenant(configuration_, approval.tenant);
  if (realm == nullptr) {
    parts_.counters.untold();
    parts_.log.error("approval_untold", {{"tenant", approval.tenant}, {"approval", approval.id.str()}, {"type", type}});
    return std::nullopt;
  }
  const auto key = approval.message_key();
  return batch_.emit({realm->topic("approvals"), key, std::string(type), approval.tenant, approval.ticket_id, std::move(data),
                      key + "/" + std::to_string(approval.run)});
}

base::Uuid ApprovalConductor::tell_executor(const Approval& approval, std::string_view type, std::string data) {
  const auto key = approval.message_key();
  return batch_.emit(
      {"verdicts", key, std::string(type), approval.tenant, approval.ticket_id, std::move(data), key + "/" + std::to_string(approval.run)});
}

void ApprovalConductor::note(const Approval& approval, std::optional<std::string> old_state, std::vector<std::string> people,
                             std::optional<base::Uuid> told, std::optional<base::Uuid> verdict) {
  const bool moved = old_state != word(approval.state);
  const nlohmann::json detail{{"approval_id", approval.id.str()},
                              {"action_digest", approval.action_digest},
                              {"requirement_digest", approval.requirement_digest},
                              {"people", people},
                              {"codes", approval.codes}};
  batch_.audit(entry_about(approval, moved ? audit_event_of(approval.state) : "verdict_told_again", detail));
  docket_.changes.push_back({approval.key(), std::move(old_state), word(approval.state), std::move(people), approval.codes, told, verdict});
}

void ApprovalConductor::audit_decision(const Approval* approval, const Decision& decision) {
  nlohmann::json detail{
      {"decision_id", decision.id.str()}, {"approval_id", decision.approval_id.str()}, {"decision_digest", decision.digest}};
  if (decision.person) detail["person"] = *decision.person;
  if (decision.issuer) detail["issuer"] = *decision.issuer;
  if (decision.verb) detail["verb"] = *decision.verb;
  if (decision.code) detail["code"] = *decision.code;
  const std::int32_t run = approval != nullptr ? approval->run : 0;
  const std::int32_t step = approval != nullptr ? approval->step : 0;
  batch_.audit(
      {decision.tenant, decision.ticket_id, run, step, decision.counted() ? "decision_counted" : "decision_refused", detail.dump()});
}

}  // namespace countersign::approval
