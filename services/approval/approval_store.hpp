#pragma once

// ApprovalStore: approvals, decisions and countersignatures, from and to the approval service's tables.
//
// Threads    Stateless; any thread. The keys of the tickets must be locked by the batch.
// Failure    Throws what Transaction throws. A nonce that another batch spends at the same moment is refused by the table, and the batch is
//            tried again.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "approval/docket.hpp"
#include "pipeline/batch.hpp"

namespace countersign::approval {

class ApprovalStore {
 public:
  using Nonce = std::pair<std::string, std::string>;  // tenant, nonce

  // Those that exist, with the votes that counted so far.
  Docket load(pipeline::Batch& batch, const std::set<ApprovalKey>& keys) const;
  // Queues all writes.
  void save(pipeline::Batch& batch, const Docket& docket) const;

  // What the executor referred, as the table has it now. Refuses what cannot be read.
  base::Result<contracts::ReferralApproval> find_referral(pipeline::Batch& batch, const Approval& approval) const;
  // Earlier denials of this operation, the latest first.
  std::vector<contracts::EarlierDenial> find_denials(pipeline::Batch& batch, const Approval& approval, std::int64_t most) const;
  // Who asked for changes in this ticket before, and so has a part in what is asked now.
  std::set<std::string> find_contributors(pipeline::Batch& batch, const Approval& approval) const;
  // The digest of the decision on which each was spent; those that were not are missing.
  std::map<Nonce, std::string> find_spent(pipeline::Batch& batch, const std::set<Nonce>& nonces) const;
  // Absent when we never made it.
  std::optional<ApprovalKey> find_countersigned(pipeline::Batch& batch, const std::string& tenant, const base::Uuid& jti) const;

 private:
  void load_votes(pipeline::Batch& batch, Docket& docket) const;
};

}  // namespace countersign::approval
