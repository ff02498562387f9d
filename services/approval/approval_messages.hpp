#pragma once

// What the approval service says about one approval, as messages. Pure.
//
// Threads    Any thread.

#include <string>
#include <string_view>
#include <vector>

#include "approval/docket.hpp"
#include "contracts/verdict_messages.hpp"

namespace countersign::approval {

using People = std::vector<contracts::DecidingPerson>;

std::vector<std::string> names_of(const People& people);

contracts::ApprovalRequested make_requested(const Approval& approval, const contracts::ShownApproval& shown,
                                            std::vector<contracts::EarlierDenial> denied_before);
contracts::ApprovalDecisionRecorded make_recorded(const Approval& approval, const Decision& decision);
// As the approval is now, which must have ended or be approved.
contracts::ApprovalEnded make_ended(const Approval& approval, const People& people, base::WallTime now);

contracts::VerdictGranted make_granted(const Approval& approval, const Countersignature& countersignature, const People& people);
// Invariant: the approval is denied, changes_requested, expired or withdrawn.
contracts::VerdictEnded make_verdict(const Approval& approval, const People& people);

}  // namespace countersign::approval
