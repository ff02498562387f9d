#pragma once

// Docket: the approvals that one batch is about, and everything that is to be written about them. ApprovalStore fills it and empties it.
//
// Threads    Belongs to the batch it was loaded in.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "approval/approval.hpp"

namespace countersign::approval {

// A signature under an approval, as it is kept.
struct Countersignature {
  ApprovalKey approval{};
  base::Uuid jti{};
  std::string kid{};
  std::string token{};
  base::WallTime issued_at{};
  base::WallTime expires_at{};
  bool again = false;  // an earlier one came too late
};

// One move of an approval, or a countersignature made again, with the messages that were owed for it.
struct ApprovalChange {
  ApprovalKey approval{};
  std::optional<std::string> old_state{};
  std::string new_state{};
  std::vector<std::string> people{};
  std::vector<std::string> codes{};
  std::optional<base::Uuid> outbox_id{};   // on `approvals`
  std::optional<base::Uuid> verdict_id{};  // on `verdicts`
};

// What only the first writing of an approval needs.
struct NewApproval {
  ApprovalKey approval{};
  std::string shown{};
  std::string request{};
};

struct Docket {
  std::map<ApprovalKey, Approval> approvals;
  std::vector<NewApproval> opened;
  std::set<ApprovalKey> moved;
  std::vector<ApprovalChange> changes;
  std::vector<Decision> decisions;
  std::vector<base::Uuid> nonce_spenders;  // ids of the decisions among `decisions` that spend their nonce
  std::vector<Countersignature> countersignatures;
  std::vector<std::pair<std::string, base::Uuid>> consumed;  // tenant, jti

  Approval* find(const ApprovalKey& key) {
    const auto found = approvals.find(key);
    return found == approvals.end() ? nullptr : &found->second;
  }
};

}  // namespace countersign::approval
