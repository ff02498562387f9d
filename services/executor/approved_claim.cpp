#include "executor/approved_claim.hpp"

#include "executor/approval_moves.hpp"
#include "executor/countersignature_check.hpp"

namespace countersign::executor {

namespace {

using domain::ApprovalStage;

StandingVerdict refused(std::string code) { return {Standing::refuse, std::move(code)}; }
StandingVerdict asked_again(std::string_view code) { return {Standing::ask_again, std::string(code)}; }

// What the row says, if it says what its digests say.
struct Approved {
  contracts::Action action;
  domain::Requirement requirement;
};

base::Result<Approved> read_row(const Approval& approval) {
  auto action = contracts::decode_action(approval.action.text());
  if (!action) return tl::unexpected(action.error());
  auto requirement = contracts::decode_requirement(approval.requirement.text());
  if (!requirement) return tl::unexpected(requirement.error());
  const bool same = action_digest(*action) == approval.action_digest && requirement_digest(*requirement) == approval.requirement_digest &&
                    action->requirement_digest == approval.requirement_digest;
  if (!same) return base::refuse("action_digest_wrong", "the row is not what its digests say");
  return Approved{std::move(*action), std::move(*requirement)};
}

// Nothing of this can change in a life of the step; when it has, somebody has been at the row or the token.
bool another_step(const contracts::Action& approved, const contracts::Action& now) {
  return approved.tenant != now.tenant || approved.ticket_id != now.ticket_id || approved.ticket_version != now.ticket_version ||
         approved.run != now.run || approved.step != now.step || approved.environment != now.environment ||
         approved.idempotency_key != now.idempotency_key;
}

bool covered(const domain::Requirement& approved, const std::optional<domain::Requirement>& now_required) {
  return !now_required || domain::covers(approved, *now_required);
}

// People agreed to it beside this holder, as it was: what was unknown then and has been done since is another matter.
bool accepted(const contracts::Action& approved, const std::string& state_then, const OperationHolder* holder) {
  return holder == nullptr || (approved.holder_key == holder->idempotency_key && state_then == holder->state);
}

bool fresh(const Approval& approval, base::WallTime now) {
  return !approval.looks_at_target() || (approval.cleared_until && *approval.cleared_until > now);
}

}  // namespace

StandingVerdict judge_standing(const StandingFacts& facts, const ApprovalKeys& keys) {
  const Approval& approval = facts.approval;
  if (approval.stage != ApprovalStage::cleared && approval.stage != ApprovalStage::consumed) return refused("approval_not_cleared");
  const auto row = read_row(approval);
  if (!row) return refused(row.error().code);
  const auto claims = read_countersignature(
      approval.countersignature, {facts.one.ticket.tenant, approval.id, approval.action_digest, approval.requirement_digest}, keys);
  if (!claims) return refused(claims.error().code);
  if (claims->jti != approval.jti) return refused("countersignature_contradicts");
  const auto now_action = action_now(row->action, facts.one, facts.step, facts.parts);
  if (another_step(row->action, now_action)) return refused("action_contradicts");
  if (now_action != row->action) return asked_again(codes::action_changed);
  if (!covered(row->requirement, facts.parts.verdict.requirement)) return asked_again(codes::requirement_grown);
  if (!accepted(row->action, approval.holder_state, facts.holder)) return asked_again(codes::operation_key_held);
  const auto times = check_countersignature_times(*claims, facts.now);
  if (!times) return times.error().code == "token_expired" ? StandingVerdict{Standing::renew, {}} : refused(times.error().code);
  if (fresh(approval, facts.now)) return {Standing::stands, {}};
  // A consumed one is on its way for the second time, and has no way back but through another countersignature.
  return {approval.stage == ApprovalStage::consumed ? Standing::renew : Standing::look_again, {}};
}

}  // namespace countersign::executor
