#include "executor/approval_requester.hpp"

#include <nlohmann/json.hpp>

#include "contracts/codec.hpp"
#include "contracts/token_claims.hpp"
#include "crypto/digest.hpp"
#include "crypto/jws.hpp"
#include "executor/run_messages.hpp"

namespace countersign::executor {

namespace {

using domain::ApprovalStageEvent;
using domain::StepEvent;

contracts::Json stored(const std::string& canonical) { return contracts::Json(nlohmann::json::parse(canonical)); }

// Whether approval can read it, to the letter.
bool carriable(const contracts::ReferralApproval& referral) {
  const std::string text = contracts::encode(referral);
  if (text.size() > contracts::most_referral_bytes) return false;
  const auto read = contracts::decode("referral.approval", text);
  return read && std::get<contracts::ReferralApproval>(*read) == referral;
}

// What the row keeps is what is shown.
void keep(Approval& approval, const contracts::ShownApproval& shown) {
  approval.action = stored(contracts::action_text(shown.action));
  approval.action_digest = shown.action_digest;
  approval.requirement = stored(contracts::requirement_text(shown.requirement));
  approval.requirement_digest = shown.requirement_digest;
  approval.shown = stored(contracts::shown_text(shown));
  approval.changed = true;
}

}  // namespace

ApprovalRequester::ApprovalRequester(const ApprovalKeys& keys, const RunConductor& conductor, telemetry::Telemetry telemetry)
    : keys_(keys),
      conductor_(conductor),
      requested_(telemetry.metrics.counter("approvals_asked_total", "Requests for approval that were sent to people.")) {}

std::string ApprovalRequester::sign(const contracts::ShownApproval& shown, base::WallTime now) const {
  contracts::RequestClaims claims;
  claims.environment = keys_.environment;
  claims.tenant = shown.tenant;
  claims.approval_id = shown.approval_id;
  claims.action_digest = shown.action_digest;
  claims.requirement_digest = shown.requirement_digest;
  claims.shown_digest = crypto::sha256(contracts::shown_text(shown)).hex();
  claims.issued_at = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  return crypto::sign_jws(keys_.signer, contracts::token_types::request, contracts::encode(claims));
}

void ApprovalRequester::ask(TicketCase& one, Step& step, const catalog::Snapshot& configuration, const GateVerdict& verdict,
                            const std::optional<OperationHolder>& holder, pipeline::Batch& batch) const {
  const int asked = times_asked(one, step) + 1;
  if (asked > most_asked)
    return conductor_.give_up(one, step, StepEvent::deny, {std::string(codes::approval_unsettled)}, codes::approval_unsettled, batch);
  Approval approval;
  approval.id = batch.ids().next();
  approval.run = step.run;
  approval.step = step.number;
  approval.asked = asked;
  approval.requested_at = batch.now();
  approval.fresh = true;
  auto shown = draft_approval(one, step, {configuration, keys_.environment, verdict}, approval.id, holder, batch.now());
  keep(approval, shown);
  one.transitions.push_back({step.run, step.number, "approval", "", "previewing", {}, {}});
  one.approvals.push_back(std::move(approval));
  conductor_.move_step(one, step, StepEvent::ask_approval, {}, batch);
  if (verdict.manifest->preview)
    one.approvals.back().due_at = batch.now();
  else
    request(one, step, one.approvals.back(), std::move(shown), batch);
}

void ApprovalRequester::request(TicketCase& one, Step& step, Approval& approval, contracts::ShownApproval shown,
                                pipeline::Batch& batch) const {
  seal(shown);
  contracts::ReferralApproval referral{std::move(shown), {}};
  referral.request = sign(referral.shown, batch.now());
  if (!carriable(referral))
    return conductor_.give_up(one, step, StepEvent::deny, {std::string(codes::action_unshowable)}, codes::action_unshowable, batch);
  keep(approval, referral.shown);
  const auto owed = tell(one, approval.run, "referrals", referral, batch);
  move_approval(one, approval, ApprovalStageEvent::ask, {}, owed);
  record_approval(one, approval, "approval_requested",
                  {{"asked", approval.asked}, {"tool", step.tool}, {"requirement_digest", approval.requirement_digest}}, batch);
  requested_.add();
}

}  // namespace countersign::executor
