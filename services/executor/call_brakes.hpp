#pragma once

// CallBrakes: holds calls back that would only make things worse: to a target that has stopped answering (a breaker for each tool and
// tenant), and repetitions beyond what their tool can take (a budget for each tool; one for all tenants has one budget).
//
// Promise    What is held back is certainly not sent. Whatever was let through reports by hear().
// Not ours   The rules: domain/circuit_breaker.hpp, domain/retry_budget.hpp. When a call is tried again: domain/settle.hpp.
// Threads    One thread at a time; each lane has its own.
// Ownership  Borrows telemetry. Keeps an entry for every tool that was called; a new version of a manifest begins with a closed breaker.

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "catalog/tool_manifest.hpp"
#include "domain/circuit_breaker.hpp"
#include "domain/retry_budget.hpp"
#include "telemetry/metrics.hpp"

namespace countersign::executor {

struct HeldBack {
  std::string why;                   // for people
  std::chrono::milliseconds wait{};  // before it is worth asking again
};

class CallBrakes {
 public:
  // `lane` is a metric label: calls | looks.
  CallBrakes(const std::string& lane, telemetry::Telemetry telemetry);

  // Absent: the call may be made now. `repetition`: the target may have seen this call before.
  std::optional<HeldBack> hold_back(const std::string& tenant, const catalog::ToolManifest& manifest, bool repetition,
                                    base::SteadyTime now);
  // `answered`: the target is there and in order, whatever it said.
  void hear(const std::string& tenant, const catalog::ToolManifest& manifest, bool answered, base::SteadyTime now);

 private:
  struct Guarded {
    std::int64_t version = 0;
    domain::CircuitBreaker breaker;
  };
  domain::CircuitBreaker& breaker_of(const std::string& tenant, const catalog::ToolManifest& manifest);
  void count_open();

  std::map<std::string, Guarded> guarded_;              // by tenant and tool
  std::map<std::string, domain::RetryBudget> budgets_;  // by the manifest's own tenant, or *, and tool
  telemetry::Counter& by_breaker_;
  telemetry::Counter& by_budget_;
  telemetry::Gauge& open_;
};

}  // namespace countersign::executor
