// approval: gives to people what the executor refers to them.
//
//     topic referrals ──▶ ReferralIntake ──▶ HandoffDesk ──▶ approval.handoff ──▶ topic handoffs (of the tenant's realm)
//     core.document   ──▶ Catalog (tenants, realms), looked at again and again
//
// This file builds the parts in the order in which they depend on each other and hands the loops to the host. It decides nothing.

#include "approval/config.hpp"
#include "approval/referral_intake.hpp"
#include "approval/territory.hpp"
#include "foundation/foundation.hpp"
#include "runtime/command.hpp"

namespace countersign::approval {

int serve(const Config& config, runtime::Host& host) {
  const HandoffStore store;
  catalog::Catalog catalog{{"tenant", "realm"}};
  ReferralIntake referrals{store, catalog, host.telemetry()};

  foundation::Foundation foundation{config.service, territory(), host};
  foundation.keep_fresh(catalog, config.catalog_refresh);
  foundation.core().add_stage(referrals, {.topic = "referrals"});
  return foundation.run();
}

}  // namespace countersign::approval

int main(int argc, char** argv) {
  using namespace countersign;
  return runtime::service_main<approval::Config>(argc, argv, {"approval", "Gives to people what must not be decided without them."},
                                                 approval::serve);
}
