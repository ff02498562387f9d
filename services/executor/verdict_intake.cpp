#include "executor/verdict_intake.hpp"

#include <memory>
#include <nlohmann/json.hpp>

#include "contracts/codec.hpp"
#include "contracts/message_key.hpp"
#include "executor/approval_guard.hpp"
#include "executor/approval_moves.hpp"
#include "executor/countersignature_check.hpp"

namespace countersign::executor {

namespace {

using domain::ApprovalStage;
using domain::ApprovalStageEvent;
using domain::StepEvent;
using nlohmann::json;
using EventPointer = std::shared_ptr<const contracts::Event>;

// The approval and the step that a verdict is about; both null when it is about none that we have.
struct Subject {
  Step* step = nullptr;
  Approval* approval = nullptr;
  explicit operator bool() const noexcept { return approval != nullptr; }
};

template <typename Verdict>
Subject find_subject(TicketCase& one, const Verdict& verdict) {
  for (Approval& approval : one.approvals) {
    if (approval.id != verdict.approval_id) continue;
    const bool same = approval.run == verdict.run && approval.step == verdict.step && approval.action_digest == verdict.action_digest;
    Step* step = one.find_step(approval.run, approval.step);
    if (same && step != nullptr) return {step, &approval};
  }
  return {};
}

struct End {
  ApprovalStageEvent approval;
  StepEvent step;
  std::string_view code;  // where the verdict brings none
  bool escalates;
};

End end_of(const std::string& word) {
  if (word == "denied") return {ApprovalStageEvent::deny, StepEvent::deny, "denied_by_person", false};
  if (word == "changes_requested") return {ApprovalStageEvent::request_changes, StepEvent::deny, changes_requested, false};
  if (word == "expired") return {ApprovalStageEvent::expire, StepEvent::expire, "approval_expired", false};
  return {ApprovalStageEvent::withdraw, StepEvent::withdraw, "approval_withdrawn", true};
}

std::vector<std::string> codes_of(const contracts::VerdictEnded& verdict, const End& end) {
  if (verdict.end == "changes_requested" || verdict.codes.empty()) return {std::string(end.code)};
  return verdict.codes;
}

template <typename Deciders>
json people_of(const Deciders& people) {
  json list = json::array();
  for (const auto& person : people) list.push_back(person.person);
  return list;
}

bool waits_for_verdict(const Approval& approval) {
  return approval.stage == ApprovalStage::requested || approval.stage == ApprovalStage::renewing;
}

telemetry::Counter& dropped(telemetry::Metrics& metrics, const char* reason) {
  return metrics.counter("verdicts_dropped_total", "Verdicts about nothing that waits for them.", {{"reason", reason}});
}

}  // namespace

VerdictIntake::VerdictIntake(const CaseStore& store, const RunConductor& conductor, const ApprovalKeys& keys, base::Bell& claimable,
                             base::Bell& to_look, telemetry::Telemetry telemetry)
    : store_(store),
      conductor_(conductor),
      keys_(keys),
      claimable_(claimable),
      to_look_(to_look),
      refused_(refused_countersignatures(telemetry.metrics)),
      late_(dropped(telemetry.metrics, "late")),
      unknown_(dropped(telemetry.metrics, "unknown")) {}

bool VerdictIntake::wants(std::string_view type) const {
  return type == "verdict.granted" || type == "verdict.denied" || type == "verdict.changes_requested" || type == "verdict.expired" ||
         type == "verdict.withdrawn";
}

base::Result<std::any> VerdictIntake::decode(const contracts::Envelope& envelope, std::string_view data, std::string_view) const {
  auto event = contracts::decode(envelope.type, data);
  if (!event) return tl::unexpected(event.error());
  return std::any(EventPointer(std::make_shared<const contracts::Event>(std::move(*event))));
}

void VerdictIntake::apply(pipeline::Batch& batch) {
  std::vector<std::string> keys;
  for (const auto& [key, arrivals] : batch.arrivals())
    if (!arrivals.empty()) keys.push_back(key);
  auto cases = store_.load(batch, keys);
  for (const auto& [key, arrivals] : batch.arrivals())
    for (const auto& arrival : arrivals) take(cases.at(key), arrival, batch);
  store_.save(batch, cases);
}

void VerdictIntake::committed() {
  claimable_.ring();
  to_look_.ring();
}

void VerdictIntake::take(TicketCase& one, const pipeline::Arrival& arrival, pipeline::Batch& batch) const {
  if (!arrival.wanted) return;
  const auto* body = std::any_cast<EventPointer>(&arrival.body);
  if (body == nullptr || arrival.refusal) return end_unreadable(one, batch);
  const contracts::Event& event = **body;
  if (const auto same = contracts::check_body({one.ticket.tenant, one.ticket.id}, contracts::tenant_of(event), contracts::ticket_of(event));
      !same) {
    batch.set_aside(arrival, same.error());
    return end_unreadable(one, batch);
  }
  if (const auto* granted = std::get_if<contracts::VerdictGranted>(&event)) grant(one, *granted, batch);
  if (const auto* ended = std::get_if<contracts::VerdictEnded>(&event)) end(one, *ended, batch);
}

// Whatever it said, whoever waits for a verdict of this ticket may wait for this one.
void VerdictIntake::end_unreadable(TicketCase& one, pipeline::Batch& batch) const {
  for (std::size_t i = 0; i < one.approvals.size() && one.run; ++i) {
    const Approval& approval = one.approvals[i];
    Step* step = one.find_step(approval.run, approval.step);
    if (!waits_for_verdict(approval) || step == nullptr || one.run->number != approval.run) continue;
    conductor_.give_up(one, *step, StepEvent::deny, {std::string(codes::verdict_unreadable)}, codes::verdict_unreadable, batch);
  }
}

void VerdictIntake::grant(TicketCase& one, const contracts::VerdictGranted& verdict, pipeline::Batch& batch) const {
  const auto subject = find_subject(one, verdict);
  if (!subject) return unknown_.add();
  Approval& approval = *subject.approval;
  if (!waits_for_verdict(approval)) return late_.add();
  const auto claims = read_countersignature(verdict.countersignature,
                                            {one.ticket.tenant, approval.id, approval.action_digest, approval.requirement_digest}, keys_);
  if (!claims) return refuse(one, *subject.step, approval, claims.error().code, batch);
  const auto times = check_countersignature_times(*claims, batch.now());
  const bool expired = !times && times.error().code == "token_expired";
  if (!times && !expired) return refuse(one, *subject.step, approval, times.error().code, batch);
  approval.countersignature = verdict.countersignature;
  approval.jti = claims->jti;
  move_approval(one, approval, ApprovalStageEvent::grant, {});
  record_approval(one, approval, "approval_granted", {{"people", people_of(claims->decisions)}, {"jti", approval.jti}}, batch);
  accept(one, *subject.step, approval, expired, batch);
}

// The target is read once more before the step may be claimed, where its tool can be asked.
void VerdictIntake::accept(TicketCase& one, Step& step, Approval& approval, bool expired, pipeline::Batch& batch) const {
  if (expired) {
    if (!renew_approval(one, approval, batch))
      conductor_.give_up(one, step, StepEvent::deny, {std::string(codes::approval_unsettled)}, codes::approval_unsettled, batch);
    return;
  }
  if (approval.looks_at_target()) {
    approval.looks = 0;
    approval.due_at = batch.now();
    return;
  }
  move_approval(one, approval, ApprovalStageEvent::clear, {});
  conductor_.move_step(one, step, StepEvent::grant, {}, batch);
  step.due_at = batch.now();
}

void VerdictIntake::refuse(TicketCase& one, Step& step, Approval& approval, const std::string& code, pipeline::Batch& batch) const {
  refused_.add();
  record_refused_countersignature(one, approval, code, batch);
  conductor_.give_up(one, step, StepEvent::deny, {std::string(codes::countersignature_invalid), code}, codes::countersignature_invalid,
                     batch);
}

void VerdictIntake::end(TicketCase& one, const contracts::VerdictEnded& verdict, pipeline::Batch& batch) const {
  const auto subject = find_subject(one, verdict);
  if (!subject) return unknown_.add();
  const End end = end_of(verdict.end);
  Approval& approval = *subject.approval;
  if (!domain::transition(approval.stage, end.approval)) return late_.add();
  const auto codes = codes_of(verdict, end);
  move_approval(one, approval, end.approval, codes);
  json detail{{"end", verdict.end}, {"people", people_of(verdict.people)}, {"codes", codes}};
  if (verdict.reason) detail["reason"] = *verdict.reason;
  record_approval(one, approval, "approval_ended", std::move(detail), batch);
  if (verdict.end == "changes_requested") subject.step->changes_wanted = verdict.text.value_or("");
  conductor_.give_up(one, *subject.step, end.step, codes, end.escalates ? codes.front() : std::string(), batch);
}

}  // namespace countersign::executor
