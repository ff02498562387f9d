// planner: turns each ticket into a proposal, and each answer of the executor into the next one.
//
//     topic tickets ──▶ TicketIntake ──▶ planner.conversation ──▶ PlanDrafter ──▶ Proposer ──▶ topic plans
//     topic steps   ──▶ StepIntake   ──▶ Dialogue ──▶ planner.conversation ──▶ PlanDrafter ──▶ Proposer ──▶ topic plans
//     core.document ──▶ Catalog (tenants, realms, playbooks), looked at again and again
//
// This file builds the parts in the order in which they depend on each other and hands the loops to the host. It decides nothing.

#include "foundation/foundation.hpp"
#include "planner/config.hpp"
#include "planner/step_intake.hpp"
#include "planner/territory.hpp"
#include "planner/ticket_intake.hpp"
#include "runtime/command.hpp"

namespace countersign::planner {

int serve(const Config& config, runtime::Host& host) {
  const ConversationStore store;
  Proposer proposer{host.telemetry().metrics};
  catalog::Catalog catalog{{"tenant", "realm", "playbook"}};
  TicketIntake tickets{store, proposer, catalog, host.telemetry()};
  StepIntake steps{store, proposer, catalog, host.telemetry()};

  foundation::Foundation foundation{config.service, territory(), host};
  foundation.keep_fresh(catalog, config.catalog_refresh);
  foundation.core().add_stage(tickets, {.topic = "tickets", .sequenced = false, .acquaintance = pipeline::Acquaintance::fresh});
  foundation.core().add_stage(steps, {.topic = "steps", .acquaintance = pipeline::Acquaintance::known});
  return foundation.run();
}

}  // namespace countersign::planner

int main(int argc, char** argv) {
  using namespace countersign;
  return runtime::service_main<planner::Config>(argc, argv, {"planner", "Proposes what to do about each ticket."}, planner::serve);
}
