#pragma once

// ExecutorService: the executor's parts, and its loops on a core.
//
//     topic tickets ─▶ TicketIntake ─┐
//     topic plans   ─▶ PlanIntake  ──┼▶ RunConductor ─▶ steps due ─▶ ClaimDesk ─────▶ ToolCaller ─▶ ResultRecorder ─┐
//     NoPlanClock ───────────────────┤        ▲                                                                     │
//                                    │        └──── Reconciler, LeaseReaper ◀── unknown, silent ◀───────────────────┘
//                                    └▶ topics steps, outcomes, referrals
//
// Promise    Stopped in reverse: no new claims, then the calls under way end, then they are recorded.
// Threads    Built on one thread.
// Ownership  Owns the parts; borrows the core, which runs the loops while the service lives.
// Failure    The constructor throws what ServiceCore and Session throw.

#include <functional>
#include <memory>
#include <string>

#include "executor/settings.hpp"
#include "pipeline/service_core.hpp"

namespace countersign::executor {

class ExecutorService {
 public:
  // `report`: a named condition for readiness.
  ExecutorService(const Config& config, pipeline::ServiceCore& core, base::Clock& clock, telemetry::Telemetry telemetry,
                  pipeline::ServiceCore::Report report);
  ~ExecutorService();

 private:
  struct Parts;
  void add_loops(pipeline::ServiceCore& core);

  std::unique_ptr<Parts> parts_;
};

}  // namespace countersign::executor
