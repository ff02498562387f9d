#pragma once

// ApprovalRequester: asks people. A tool that can say what it would change is asked first, by the Previewer; the others at once.
//
//     ask ─▶ previewing ─▶ (Previewer) ─▶ request ─▶ requested, referral.approval with our signature
//        └─▶ request, where there is nothing to read
//
// Promise    What is signed is what is kept: the row, the referral and the signature are of one transaction and have the same digests.
// Threads    Stateless; any thread.
// Ownership  Borrows keys and conductor.
// Failure    What no message can carry ends the step (action_unshowable), and what people were asked too often about, too
//            (approval_unsettled); the run escalates.

#include <optional>

#include "executor/approval_drafter.hpp"
#include "executor/approval_keys.hpp"
#include "executor/approval_moves.hpp"
#include "executor/run_conductor.hpp"
#include "telemetry/metrics.hpp"

namespace countersign::executor {

class ApprovalRequester {
 public:
  ApprovalRequester(const ApprovalKeys& keys, const RunConductor& conductor, telemetry::Telemetry telemetry);

  // The step is ready, the gate wants people, and nobody has been asked or what they were asked has come to its end. Moves the step.
  void ask(TicketCase& one, Step& step, const catalog::Snapshot& configuration, const GateVerdict& verdict,
           const std::optional<OperationHolder>& holder, pipeline::Batch& batch) const;
  // The approval is previewing; `shown` has its preview by now.
  void request(TicketCase& one, Step& step, Approval& approval, contracts::ShownApproval shown, pipeline::Batch& batch) const;

  const ApprovalKeys& keys() const noexcept { return keys_; }

 private:
  std::string sign(const contracts::ShownApproval& shown, base::WallTime now) const;

  const ApprovalKeys& keys_;
  const RunConductor& conductor_;
  telemetry::Counter& requested_;
};

}  // namespace countersign::executor
