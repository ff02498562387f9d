#pragma once

// ApprovalDrafter: writes down what people are asked to decide: the action, what it would change, and why they are asked.
//
// Promise    The same facts give the same action, so that a claim can tell whether what was approved is still what would be done. What is
//            shown fits into a message; evidence that does not is named and left out.
// Not ours   Whether people must be asked: policy_gate.hpp.
// Threads    Pure; any thread.

#include <optional>
#include <string>

#include "catalog/catalog.hpp"
#include "contracts/approval_messages.hpp"
#include "executor/case.hpp"
#include "executor/operation_keys.hpp"
#include "executor/policy_gate.hpp"

namespace countersign::executor {

// What the action is made of besides the case.
struct DraftParts {
  const catalog::Snapshot& configuration;
  const std::string& environment;
  const GateVerdict& verdict;  // allows the step, and has a requirement
};

// Without what only a request decides: evidence, policy, preview, requirement, holder.
contracts::Action make_action(const TicketCase& one, const Step& step, const DraftParts& parts);
// `approved` with everything in it that a claim must find as it was, taken from what would be done now.
contracts::Action action_now(const contracts::Action& approved, const TicketCase& one, const Step& step, const DraftParts& parts);

contracts::ShownApproval draft_approval(const TicketCase& one, const Step& step, const DraftParts& parts, const base::Uuid& approval_id,
                                        const std::optional<OperationHolder>& holder, base::WallTime now);
// What the tool itself said would change.
void add_preview(contracts::ShownApproval& shown, contracts::ShownPreview preview);
// Every digest, from what is shown.
void seal(contracts::ShownApproval& shown);

// The text of a message, which is its own preview; absent for other tools.
std::optional<contracts::ShownPreview> letter_preview(const GateVerdict& verdict);
std::string preview_digest(const contracts::ShownPreview& preview);
std::string action_digest(const contracts::Action& action);
std::string requirement_digest(const domain::Requirement& requirement);

}  // namespace countersign::executor
