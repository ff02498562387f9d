#pragma once

// The messages of the fleet as plain structs, one per shape. codec.hpp turns them into JSON and back.
//
// Closed sets of words (kinds, stop reasons, priorities) are text that the decoder has checked; codes are snake_case.

#include <string_view>
#include <variant>

#include "contracts/approval_messages.hpp"
#include "contracts/handoff_messages.hpp"
#include "contracts/mail_messages.hpp"
#include "contracts/plan_messages.hpp"
#include "contracts/run_messages.hpp"
#include "contracts/ticket_messages.hpp"
#include "contracts/verdict_messages.hpp"

namespace countersign::contracts {

namespace types {
inline constexpr std::string_view ticket_opened = "ticket.opened";
inline constexpr std::string_view ticket_updated = "ticket.updated";
inline constexpr std::string_view ticket_message_added = "ticket.message_added";
inline constexpr std::string_view ticket_closed = "ticket.closed";
inline constexpr std::string_view plan_proposed = "plan.proposed";
inline constexpr std::string_view plan_withdrawn = "plan.withdrawn";
inline constexpr std::string_view step_succeeded = "step.succeeded";
inline constexpr std::string_view step_failed = "step.failed";
inline constexpr std::string_view step_unknown = "step.unknown";
inline constexpr std::string_view step_denied = "step.denied";
inline constexpr std::string_view step_withdrawn = "step.withdrawn";
inline constexpr std::string_view step_rejected = "step.rejected";
inline constexpr std::string_view run_stopped = "run.stopped";
inline constexpr std::string_view ticket_resolved = "ticket.resolved";
inline constexpr std::string_view ticket_drafted = "ticket.drafted";
inline constexpr std::string_view ticket_denied = "ticket.denied";
inline constexpr std::string_view ticket_escalated = "ticket.escalated";
inline constexpr std::string_view ticket_failed = "ticket.failed";
inline constexpr std::string_view ticket_cancelled = "ticket.cancelled";
inline constexpr std::string_view referral_handoff = "referral.handoff";
inline constexpr std::string_view handoff_opened = "handoff.opened";
inline constexpr std::string_view step_expired = "step.expired";
inline constexpr std::string_view step_changes_requested = "step.changes_requested";
inline constexpr std::string_view referral_approval = "referral.approval";
inline constexpr std::string_view referral_renewal = "referral.renewal";
inline constexpr std::string_view referral_consumed = "referral.consumed";
inline constexpr std::string_view referral_withdrawn = "referral.withdrawn";
inline constexpr std::string_view approval_requested = "approval.requested";
inline constexpr std::string_view approval_decision_recorded = "approval.decision_recorded";
inline constexpr std::string_view approval_granted = "approval.granted";
inline constexpr std::string_view approval_denied = "approval.denied";
inline constexpr std::string_view approval_changes_requested = "approval.changes_requested";
inline constexpr std::string_view approval_expired = "approval.expired";
inline constexpr std::string_view approval_withdrawn = "approval.withdrawn";
inline constexpr std::string_view approval_consumed = "approval.consumed";
inline constexpr std::string_view decision_submitted = "decision.submitted";
inline constexpr std::string_view verdict_granted = "verdict.granted";
inline constexpr std::string_view verdict_denied = "verdict.denied";
inline constexpr std::string_view verdict_changes_requested = "verdict.changes_requested";
inline constexpr std::string_view verdict_expired = "verdict.expired";
inline constexpr std::string_view verdict_withdrawn = "verdict.withdrawn";
inline constexpr std::string_view message_requested = "message.requested";
inline constexpr std::string_view message_withdrawn = "message.withdrawn";
inline constexpr std::string_view delivery_delivered = "delivery.delivered";
inline constexpr std::string_view delivery_dead = "delivery.dead";
}  // namespace types

using Event =
    std::variant<TicketOpened, TicketUpdated, TicketMessageAdded, TicketClosed, PlanProposed, PlanWithdrawn, StepSucceeded, StepEnded,
                 RunStopped, Outcome, ReferralHandoff, HandoffOpened, ReferralApproval, ReferralRenewal, ReferralConsumed,
                 ReferralWithdrawn, ApprovalRequested, ApprovalDecisionRecorded, ApprovalEnded, DecisionSubmitted, VerdictGranted,
                 VerdictEnded, MessageRequested, MessageWithdrawn, DeliveryDelivered, DeliveryDead>;

}  // namespace countersign::contracts
