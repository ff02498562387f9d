#include "executor/approval_moves.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/invariant.hpp"
#include "executor/run_messages.hpp"
#include "executor/ticket_audit.hpp"

namespace countersign::executor {

namespace {

using domain::ApprovalStage;
using domain::ApprovalStageEvent;

template <typename Referral>
Referral about(const TicketCase& one, const Approval& approval) {
  Referral referral;
  referral.tenant = one.ticket.tenant;
  referral.ticket_id = one.ticket.id;
  referral.run = approval.run;
  referral.step = approval.step;
  referral.approval_id = approval.id;
  referral.action_digest = approval.action_digest;
  return referral;
}

void forget_look(Approval& approval) {
  approval.due_at.reset();
  approval.token.reset();
  approval.lease_until.reset();
}

}  // namespace

Approval* find_live_approval(TicketCase& one, std::int32_t run, std::int32_t step) {
  Approval* latest = nullptr;
  for (Approval& approval : one.approvals)
    if (approval.run == run && approval.step == step && (latest == nullptr || approval.asked > latest->asked)) latest = &approval;
  return latest == nullptr || domain::final_state(latest->stage) ? nullptr : latest;
}

int times_asked(const TicketCase& one, const Step& step) {
  int asked = 0;
  for (const Approval& approval : one.approvals)
    if (approval.run == step.run && approval.step == step.number) asked = std::max(asked, approval.asked);
  return asked;
}

void move_approval(TicketCase& one, Approval& approval, ApprovalStageEvent event, std::vector<std::string> codes,
                   const std::optional<base::Uuid>& owed) {
  const auto next = domain::transition(approval.stage, event);
  COUNTERSIGN_INVARIANT(next.has_value(), "an approval makes only the moves of its table");
  one.transitions.push_back({approval.run, approval.step, "approval", std::string(domain::name_of(approval.stage)),
                             std::string(domain::name_of(*next)), std::move(codes), owed});
  approval.stage = *next;
  approval.changed = true;
  if (approval.stage != ApprovalStage::previewing && approval.stage != ApprovalStage::granted) forget_look(approval);
}

void record_approval(const TicketCase& one, const Approval& approval, const char* event, nlohmann::json detail, pipeline::Batch& batch) {
  detail["approval_id"] = approval.id.str();
  detail["action_digest"] = approval.action_digest;
  if (one.run && !one.run->actor.empty()) detail["actor"] = one.run->actor;
  audit_ticket(one, approval.run, approval.step, event, detail, batch);
}

void record_refused_countersignature(const TicketCase& one, const Approval& approval, const std::string& code, pipeline::Batch& batch) {
  record_approval(one, approval, "countersignature_refused", {{"code", code}}, batch);
}

void withdraw_approval(TicketCase& one, Approval& approval, const std::vector<std::string>& codes, pipeline::Batch& batch) {
  std::optional<base::Uuid> owed;
  if (approval.stage != ApprovalStage::previewing) {
    auto referral = about<contracts::ReferralWithdrawn>(one, approval);
    referral.codes = codes;
    owed = tell(one, approval.run, "referrals", referral, batch);
  }
  move_approval(one, approval, ApprovalStageEvent::withdraw, codes, owed);
  record_approval(one, approval, "approval_withdrawn", {{"codes", codes}}, batch);
}

void withdraw_open_approval(TicketCase& one, const Step& step, const std::vector<std::string>& codes, pipeline::Batch& batch) {
  Approval* approval = find_live_approval(one, step.run, step.number);
  if (approval != nullptr && approval->stage != ApprovalStage::consumed) withdraw_approval(one, *approval, codes, batch);
}

bool renew_approval(TicketCase& one, Approval& approval, pipeline::Batch& batch) {
  if (approval.renewals >= most_renewals) return false;
  ++approval.renewals;
  const auto owed = tell(one, approval.run, "referrals", about<contracts::ReferralRenewal>(one, approval), batch);
  move_approval(one, approval, ApprovalStageEvent::renew, {}, owed);
  record_approval(one, approval, "approval_renewal_asked", {{"renewals", approval.renewals}}, batch);
  return true;
}

void consume_approval(TicketCase& one, Approval& approval, pipeline::Batch& batch) {
  auto referral = about<contracts::ReferralConsumed>(one, approval);
  referral.jti = approval.jti;
  const auto owed = tell(one, approval.run, "referrals", referral, batch);
  move_approval(one, approval, ApprovalStageEvent::consume, {}, owed);
  record_approval(one, approval, "approval_consumed", {{"jti", approval.jti}}, batch);
}

}  // namespace countersign::executor
