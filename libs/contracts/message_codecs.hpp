#pragma once

// What each family of messages gives to the codec: how its types are read, and how its structs are written.

#include <string_view>
#include <vector>

#include "contracts/member_reader.hpp"
#include "contracts/member_writer.hpp"
#include "contracts/messages.hpp"

namespace countersign::contracts {

struct TypeReader {
  std::string_view type;
  Event (*read)(MemberReader data);
};

std::vector<TypeReader> ticket_readers();
std::vector<TypeReader> plan_readers();
std::vector<TypeReader> run_readers();
std::vector<TypeReader> handoff_readers();
std::vector<TypeReader> approval_readers();
std::vector<TypeReader> verdict_readers();
std::vector<TypeReader> mail_readers();

MemberWriter write_message(const TicketOpened& message);
MemberWriter write_message(const TicketUpdated& message);
MemberWriter write_message(const TicketMessageAdded& message);
MemberWriter write_message(const TicketClosed& message);
MemberWriter write_message(const PlanProposed& message);
MemberWriter write_message(const PlanWithdrawn& message);
MemberWriter write_message(const StepSucceeded& message);
MemberWriter write_message(const StepEnded& message);
MemberWriter write_message(const RunStopped& message);
MemberWriter write_message(const Outcome& message);
MemberWriter write_message(const ReferralHandoff& message);
MemberWriter write_message(const HandoffOpened& message);
MemberWriter write_message(const ReferralApproval& message);
MemberWriter write_message(const ReferralRenewal& message);
MemberWriter write_message(const ReferralConsumed& message);
MemberWriter write_message(const ReferralWithdrawn& message);
MemberWriter write_message(const ApprovalRequested& message);
MemberWriter write_message(const ApprovalDecisionRecorded& message);
MemberWriter write_message(const ApprovalEnded& message);
MemberWriter write_message(const DecisionSubmitted& message);
MemberWriter write_message(const VerdictGranted& message);
MemberWriter write_message(const VerdictEnded& message);
MemberWriter write_message(const MessageRequested& message);
MemberWriter write_message(const MessageWithdrawn& message);
MemberWriter write_message(const DeliveryDelivered& message);
MemberWriter write_message(const DeliveryDead& message);

// Action and requirement as members of a message.
Action read_action(MemberReader object);
domain::Requirement read_requirement(MemberReader object);
MemberWriter write_part(const Action& action);
MemberWriter write_part(const domain::Requirement& requirement);

}  // namespace countersign::contracts
