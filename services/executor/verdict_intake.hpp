#pragma once

// VerdictIntake: takes in the topic `verdicts`: what people said about the steps that wait for them.
//
//     granted ─▶ verify ─▶ target to be read again (Previewer) │ ready at once, where there is nothing to read
//     denied, changes_requested, expired, withdrawn ─▶ the step ends
//
// Promise    Nothing in a grant is believed but what the countersignature says; any other end is unsigned, and can only stop things. No
// wait ends in silence: a verdict that nobody can read,
//            or whose countersignature does not hold, ends the step that waits for it and its run.
// Not ours   Whether the approval still stands when the step is claimed: approved_claim.hpp.
// Threads    As pipeline::Handler.
// Ownership  Borrows every constructor argument.

#include "base/bell.hpp"
#include "executor/approval_keys.hpp"
#include "executor/case_store.hpp"
#include "executor/run_conductor.hpp"
#include "pipeline/handler.hpp"
#include "telemetry/metrics.hpp"

namespace countersign::executor {

class VerdictIntake final : public pipeline::Handler {
 public:
  // `claimable` and `to_look` are rung after every commit: a step may be claimed, or a target read again.
  VerdictIntake(const CaseStore& store, const RunConductor& conductor, const ApprovalKeys& keys, base::Bell& claimable, base::Bell& to_look,
                telemetry::Telemetry telemetry);

  bool wants(std::string_view type) const override;
  base::Result<std::any> decode(const contracts::Envelope& envelope, std::string_view data, std::string_view topic) const override;
  void apply(pipeline::Batch& batch) override;
  void committed() override;

 private:
  void take(TicketCase& one, const pipeline::Arrival& arrival, pipeline::Batch& batch) const;
  void end_unreadable(TicketCase& one, pipeline::Batch& batch) const;
  void grant(TicketCase& one, const contracts::VerdictGranted& verdict, pipeline::Batch& batch) const;
  void accept(TicketCase& one, Step& step, Approval& approval, bool expired, pipeline::Batch& batch) const;
  void refuse(TicketCase& one, Step& step, Approval& approval, const std::string& code, pipeline::Batch& batch) const;
  void end(TicketCase& one, const contracts::VerdictEnded& verdict, pipeline::Batch& batch) const;
  const CaseStore& store_;
  const RunConductor& conductor_;
  const ApprovalKeys& keys_;
  base::Bell& claimable_;
  base::Bell& to_look_;
  telemetry::Counter& refused_;
  telemetry::Counter& late_;
  telemetry::Counter& unknown_;
};

}  // namespace countersign::executor
