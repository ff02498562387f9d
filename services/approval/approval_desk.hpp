#pragma once

// ApprovalDesk: takes what the executor refers about approvals, for one batch.
//
//     referral.approval    checked (referral_check.hpp); people are asked
//     referral.withdrawn   people need not answer any more
//     referral.consumed    the countersignature was used
//     referral.renewal     it came too late; another one, while the approval's time runs and its people may still decide
//
// What cannot be taken is a dead letter, and take() says so. If the executor waits for an answer it gets one: verdict.withdrawn. The
// exception is a request that reuses the id of another one: the first stands, and a forger ends nothing.
//
// Threads    The thread of the batch.
// Ownership  Borrows everything; lives for one batch.
// Failure    A renewal throws base::Unavailable until the people have been read.

#include <optional>
#include <string>

#include "approval/approval_conductor.hpp"
#include "approval/people_directory.hpp"
#include "pipeline/arrival.hpp"

namespace countersign::approval {

struct DeskParts {
  ApprovalParts approvals;
  const PeopleDirectory& people;
};

class ApprovalDesk {
 public:
  ApprovalDesk(const DeskParts& parts, pipeline::Batch& batch, const catalog::Snapshot& configuration);

  static bool takes(std::string_view type);
  // Why the ticket needs a person now; absent when all is well or nothing is lost. Only for types that the desk takes.
  std::optional<base::Refusal> take(const contracts::MessageKey& key, const pipeline::Arrival& arrival);
  void save();

 private:
  using Trouble = std::optional<base::Refusal>;

  Trouble take_request(const contracts::MessageKey& key, const pipeline::Arrival& arrival, const contracts::ReferralApproval& referral);
  Trouble take_repeated(const pipeline::Arrival& arrival, const contracts::ReferralApproval& referral, const Approval& known);
  Trouble take_unreadable(const contracts::MessageKey& key, const pipeline::Arrival& arrival);
  Trouble withdraw(const pipeline::Arrival& arrival, const contracts::ReferralWithdrawn& referral);
  Trouble consume(const pipeline::Arrival& arrival, const contracts::ReferralConsumed& referral);
  Trouble renew(const contracts::ReferralRenewal& referral);
  void renew_granted(Approval& approval);
  // The approval that a later referral is about, if that is what it says it is.
  template <typename Referral>
  Approval* find(const Referral& referral);
  Trouble set_aside(const pipeline::Arrival& arrival, const base::Refusal& refusal);

  const DeskParts& parts_;
  pipeline::Batch& batch_;
  Docket docket_;
  ApprovalConductor conductor_;
};

}  // namespace countersign::approval
