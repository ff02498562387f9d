#pragma once

// What a reviewer is shown, as the members that referral.approval and approval.requested share.

#include "contracts/approval_messages.hpp"
#include "contracts/member_reader.hpp"
#include "contracts/member_writer.hpp"

namespace countersign::contracts {

ShownApproval read_shown(MemberReader& data);
MemberWriter write_shown(const ShownApproval& shown);

}  // namespace countersign::contracts
