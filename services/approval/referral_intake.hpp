#pragma once

// ReferralIntake: takes in the topic `referrals`: what the executor wants people to do.
//
//     referral.handoff                                ─▶ HandoffConductor
//     referral.approval, .withdrawn, .consumed, .renewal ─▶ ApprovalDesk
//     cannot be read or believed ─▶ dead letter, and a handoff all the same: what the executor referred must not end in silence
//     other types                ─▶ skipped
//
// Which realm hears of it    `main` if it carries the tenant, else the first by name that does. A tenant that no realm carries: what was
//            referred is kept and nobody outside hears of it, which is logged and counted; another company's readers would be worse.
// Threads    As pipeline::Handler.
// Ownership  Borrows every constructor argument.
// Failure    apply() throws base::Unavailable while there is no configuration, and what the database throws.

#include "approval/approval_desk.hpp"
#include "approval/handoff_conductor.hpp"
#include "catalog/catalog.hpp"
#include "pipeline/handler.hpp"
#include "telemetry/metrics.hpp"

namespace countersign::approval {

class ReferralIntake final : public pipeline::Handler {
 public:
  ReferralIntake(const HandoffParts& handoffs, const DeskParts& desk, const catalog::Catalog& catalog, telemetry::Telemetry telemetry);

  bool wants(std::string_view type) const override;
  base::Result<std::any> decode(const contracts::Envelope& envelope, std::string_view data, std::string_view topic) const override;
  void apply(pipeline::Batch& batch) override;

 private:
  void take(const std::string& key, const pipeline::Arrival& arrival, ApprovalDesk& desk, HandoffConductor& handoffs,
            pipeline::Batch& batch);

  const HandoffParts& handoffs_;
  const DeskParts& desk_;
  const catalog::Catalog& catalog_;
  telemetry::Counter& unreadable_;
};

}  // namespace countersign::approval
