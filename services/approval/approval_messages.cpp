#include "approval/approval_messages.hpp"

#include "base/invariant.hpp"

namespace countersign::approval {

namespace {

using domain::ApprovalState;

// Every message about an approval names it in the same members.
template <typename Message>
Message about(const Approval& approval) {
  Message message;
  message.tenant = approval.tenant;
  message.ticket_id = approval.ticket_id;
  message.approval_id = approval.id;
  message.run = approval.run;
  message.step = approval.step;
  message.action_digest = approval.action_digest;
  return message;
}

std::string end_of(ApprovalState state) { return state == ApprovalState::approved ? "granted" : std::string(domain::name_of(state)); }

}  // namespace

std::vector<std::string> names_of(const People& people) {
  std::vector<std::string> names;
  for (const auto& one : people) names.push_back(one.person);
  return names;
}

contracts::ApprovalRequested make_requested(const Approval& approval, const contracts::ShownApproval& shown,
                                            std::vector<contracts::EarlierDenial> denied_before) {
  contracts::ApprovalRequested message;
  message.shown = shown;
  if (approval.expires_at) message.expires_at = base::to_rfc3339(*approval.expires_at);
  message.allowed_decisions = {"approve", "deny", "request_changes"};
  message.denied_before = std::move(denied_before);
  return message;
}

contracts::ApprovalDecisionRecorded make_recorded(const Approval& approval, const Decision& decision) {
  COUNTERSIGN_INVARIANT(decision.person && decision.verb, "only what somebody has signed is answered");
  auto message = about<contracts::ApprovalDecisionRecorded>(approval);
  message.person = *decision.person;
  message.verb = *decision.verb;
  message.decision_digest = decision.digest;
  message.at = base::to_rfc3339(decision.received_at);
  message.counted = decision.counted();
  return message;
}

contracts::ApprovalEnded make_ended(const Approval& approval, const People& people, base::WallTime now) {
  COUNTERSIGN_INVARIANT(!approval.open(), "an open approval has not ended");
  auto message = about<contracts::ApprovalEnded>(approval);
  message.end = end_of(approval.state);
  message.people = people;
  message.reason = approval.reason;
  message.codes = approval.codes;
  message.at = base::to_rfc3339(now);
  return message;
}

contracts::VerdictGranted make_granted(const Approval& approval, const Countersignature& countersignature, const People& people) {
  auto message = about<contracts::VerdictGranted>(approval);
  message.requirement_digest = approval.requirement_digest;
  message.countersignature = countersignature.token;
  message.people = people;
  return message;
}

contracts::VerdictEnded make_verdict(const Approval& approval, const People& people) {
  COUNTERSIGN_INVARIANT(!approval.open() && approval.state != ApprovalState::approved && approval.state != ApprovalState::consumed,
                        "a verdict tells an end that is not a grant");
  auto message = about<contracts::VerdictEnded>(approval);
  message.end = end_of(approval.state);
  message.people = people;
  message.codes = approval.codes;
  if (approval.state == ApprovalState::denied) message.reason = approval.reason;
  if (approval.state == ApprovalState::changes_requested) message.text = approval.reason;
  return message;
}

}  // namespace countersign::approval
