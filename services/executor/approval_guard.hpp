#pragma once

// ApprovalGuard: what an approval means for a step that is about to be claimed.
//
// Promise    A step that wants people is given up, asked about, looked at again or renewed; or its approval stands and its countersignature
//            is on record as used for this very effect and no other, in the claim's own transaction.
// Not ours   The judgement: approved_claim.hpp. Asking: approval_requester.hpp.
// Threads    Stateless; any thread.
// Ownership  Borrows every constructor argument.

#include <vector>

#include "executor/approval_requester.hpp"
#include "executor/approved_claim.hpp"

namespace countersign::executor {

// A step that the gate lets through once people approve.
struct GuardedStep {
  TicketCase* one;
  Step* step;
  const GateVerdict* verdict;
  const OperationHolder* holder = nullptr;  // of its operation key, when it is another effect
};

// Why each was refused stands in the audit.
telemetry::Counter& refused_countersignatures(telemetry::Metrics& metrics);

class ApprovalGuard {
 public:
  ApprovalGuard(const ApprovalRequester& requester, const RunConductor& conductor, telemetry::Telemetry telemetry)
      : requester_(requester), conductor_(conductor), refused_(refused_countersignatures(telemetry.metrics)) {}

  // Adds to each requirement those who wrote in its ticket: they do not approve it.
  static void exclude_authors(const std::vector<std::pair<const TicketCase*, domain::Requirement*>>& asked, pipeline::Batch& batch);

  // True when the approval stands; otherwise the step has been dealt with.
  bool admit(const GuardedStep& guarded, const catalog::Snapshot& configuration, pipeline::Batch& batch) const;
  // Which of the admitted may be claimed: those whose countersignature was used for nothing else. The others are given up.
  std::vector<bool> use_countersignatures(const std::vector<GuardedStep>& admitted, pipeline::Batch& batch) const;

 private:
  void ask_again(const GuardedStep& guarded, const catalog::Snapshot& configuration, Approval& approval, const std::string& code,
                 pipeline::Batch& batch) const;
  void look_again(const GuardedStep& guarded, Approval& approval, pipeline::Batch& batch) const;
  void renew(const GuardedStep& guarded, Approval& approval, pipeline::Batch& batch) const;
  void refuse(const GuardedStep& guarded, const std::string& code, pipeline::Batch& batch) const;

  const ApprovalRequester& requester_;
  const RunConductor& conductor_;
  telemetry::Counter& refused_;
};

}  // namespace countersign::executor
