#pragma once

// ReferralIntake: takes in the topic `referrals` and opens handoffs.
//
//     referral.handoff ─▶ HandoffDesk ─▶ approval.handoff, handoff_history, audit ─▶ handoff.opened, when one was opened
//     cannot be read   ─▶ dead letter, and a handoff all the same: what the executor referred must not end in silence
//     other types      ─▶ skipped
//
// Promise    A ticket has at most one open handoff.
// Which realm hears of it    `main` if it carries the tenant, else the first by name that does. A tenant that no realm carries: the handoff
//            is kept and nobody outside hears of it, which is logged and counted; another company's readers would be worse.
// Threads    As pipeline::Handler.
// Ownership  Borrows every constructor argument.
// Failure    apply() throws base::Unavailable while there is no configuration, and what the database throws.

#include "approval/handoff_store.hpp"
#include "catalog/catalog.hpp"
#include "pipeline/handler.hpp"
#include "telemetry/metrics.hpp"

namespace countersign::approval {

class ReferralIntake final : public pipeline::Handler {
 public:
  ReferralIntake(const HandoffStore& store, const catalog::Catalog& catalog, telemetry::Telemetry telemetry);

  bool wants(std::string_view type) const override { return type == contracts::types::referral_handoff; }
  base::Result<std::any> decode(const contracts::Envelope& envelope, std::string_view data, std::string_view topic) const override;
  void apply(pipeline::Batch& batch) override;

 private:
  class Fold;

  const HandoffStore& store_;
  const catalog::Catalog& catalog_;
  telemetry::Log& log_;
  telemetry::Counter& opened_;
  telemetry::Counter& added_;
  telemetry::Counter& unreadable_;
  telemetry::Counter& untold_;
};

// As above; nullptr when no realm carries the tenant.
const catalog::Realm* realm_of_tenant(const catalog::Snapshot& configuration, std::string_view tenant);

}  // namespace countersign::approval
