// executor: decides, acts, and keeps the ledger. The only one that can say what happened.
//
//     topic tickets ─▶ TicketIntake ─▶ executor.ticket, executor.run
//     topic plans   ─▶ PlanIntake   ─▶ executor.step ─▶ ClaimDesk ─▶ ToolCaller ─▶ ResultRecorder ─▶ topics steps, outcomes, referrals
//
// This file names the parts; service.cpp builds them in the order they depend on each other. Neither decides anything.

#include "executor/service.hpp"
#include "executor/settings.hpp"
#include "executor/territory.hpp"
#include "foundation/foundation.hpp"
#include "runtime/command.hpp"

namespace countersign::executor {

namespace {

int serve(const Config& config, runtime::Host& host) {
  foundation::Foundation foundation{config.service, territory(), host};
  ExecutorService service{
      config, foundation.core(), host.clock(), host.telemetry(),
      [&host](const std::string& condition, bool holds, const std::string& why) { host.readiness().set(condition, holds, why); }};
  return foundation.run();
}

}  // namespace

}  // namespace countersign::executor

int main(int argc, char** argv) {
  using namespace countersign;
  return runtime::service_main<executor::Config>(argc, argv, {"executor", "Decides, acts once, and keeps the ledger."}, executor::serve);
}
