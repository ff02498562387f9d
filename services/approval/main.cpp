// approval: asks people what must not be done without them, records what they say, and signs what they agreed to.
//
//     topic referrals ─▶ ReferralIntake ─┬▶ ApprovalDesk ────▶ approval.approval ─▶ topics approvals (of the tenant's realm), verdicts
//                                        └▶ HandoffConductor ─▶ approval.handoff ──▶ topic handoffs (of the tenant's realm)
//     topics decisions (of every realm) ─▶ DecisionRecorder ─▶ approval.decision ─▶ Countersigner ─▶ topics approvals, verdicts
//     approvals whose time is over ──────▶ ApprovalExpirer ──▶ topics approvals, verdicts
//     core.document, core.signature ─────▶ Catalog (tenants, realms, tools), PeopleDirectory (who is believed), looked at again and again
//
// This file builds the parts in the order in which they depend on each other and hands the loops to the host. It decides nothing.

#include "approval/approval_expirer.hpp"
#include "approval/config.hpp"
#include "approval/decision_recorder.hpp"
#include "approval/referral_intake.hpp"
#include "approval/territory.hpp"
#include "approval/waiting_gauges.hpp"
#include "foundation/foundation.hpp"
#include "runtime/command.hpp"

namespace countersign::approval {

int serve(const Config& config, runtime::Host& host) {
  const Trust trust = read_trust(config);
  const auto telemetry = host.telemetry();
  catalog::Catalog catalog{{"tenant", "realm", "tool"}};
  PeopleDirectory people{trust.founders, config.environment, telemetry};
  WaitingGauges gauges{telemetry};

  const ApprovalStore approvals;
  const HandoffStore handoffs;
  const Countersigner countersigner{trust.signing_key, config.environment,
                                    std::chrono::floor<std::chrono::seconds>(config.countersignature_validity)};
  ApprovalCounters counters{telemetry};
  const ApprovalParts parts{approvals, countersigner, counters, telemetry.log, trust.executors};
  const DeskParts desk{parts, people};
  const HandoffParts handoff_parts{handoffs, telemetry};
  ReferralIntake referrals{handoff_parts, desk, catalog, telemetry};
  DecisionRecorder decisions{parts, people, catalog, config.environment};

  foundation::Foundation foundation{config.service, territory(), host};
  ApprovalExpirer expirer{foundation.core().parts(), parts, catalog};
  foundation.keep_fresh(catalog, config.catalog_refresh);
  host.readiness().expect("people", "not read yet");
  foundation.core().add_chore("people", config.catalog_refresh, [&](postgres::Session& session) {
    people.refresh(session);
    host.readiness().set("people", true, "");
  });
  foundation.core().add_chore("waiting", std::chrono::seconds{2}, [&](postgres::Session& session) { gauges.refresh(session); });
  foundation.core().add_loop("expiries", [&](std::stop_token stop) { expirer.run(std::move(stop)); });
  foundation.core().add_stage(referrals, {.topic = "referrals"});
  foundation.core().add_stage(decisions, {.topic = "decisions", .sequenced = false});
  return foundation.run();
}

}  // namespace countersign::approval

int main(int argc, char** argv) {
  using namespace countersign;
  return runtime::service_main<approval::Config>(
      argc, argv, {"approval", "Asks people what must not be done without them, and signs what they agreed to."}, approval::serve);
}
