#include "executor/call_brakes.hpp"

#include <algorithm>

namespace countersign::executor {

namespace {

constexpr std::chrono::milliseconds budget_wait{1000};

telemetry::Counter& held_back_by(const char* what, const std::string& lane, telemetry::Telemetry telemetry) {
  return telemetry.metrics.counter("tool_calls_held_back_total", "Calls held back from a target in trouble.",
                                   {{"by", what}, {"lane", lane}});
}

}  // namespace

CallBrakes::CallBrakes(const std::string& lane, telemetry::Telemetry telemetry)
    : by_breaker_(held_back_by("breaker", lane, telemetry)),
      by_budget_(held_back_by("budget", lane, telemetry)),
      open_(telemetry.metrics.gauge("tool_breakers_open", "Tools, by tenant, that are left alone because they stopped answering.",
                                    {{"lane", lane}})) {}

domain::CircuitBreaker& CallBrakes::breaker_of(const std::string& tenant, const catalog::ToolManifest& manifest) {
  Guarded& guarded = guarded_[tenant + "/" + manifest.name];
  if (guarded.version != manifest.version) guarded = {manifest.version, domain::CircuitBreaker{}};
  return guarded.breaker;
}

std::optional<HeldBack> CallBrakes::hold_back(const std::string& tenant, const catalog::ToolManifest& manifest, bool repetition,
                                              base::SteadyTime now) {
  auto& breaker = breaker_of(tenant, manifest);
  if (const auto wait = breaker.refuse(now)) {
    by_breaker_.add();
    return HeldBack{"the tool has stopped answering and is left alone for a while", *wait};
  }
  auto& budget = budgets_[manifest.tenant + "/" + manifest.name];
  if (!repetition) {
    budget.note_call();
    return std::nullopt;
  }
  // A probe is not grudged: without it nobody would learn that the target is back.
  if (breaker.open() || budget.take(now)) return std::nullopt;
  by_budget_.add();
  return HeldBack{"the tool's retry budget is used up", budget_wait};
}

void CallBrakes::hear(const std::string& tenant, const catalog::ToolManifest& manifest, bool answered, base::SteadyTime now) {
  auto& breaker = breaker_of(tenant, manifest);
  const bool before = breaker.open();
  if (answered)
    breaker.note_answer();
  else
    breaker.note_failure(now);
  if (breaker.open() != before) count_open();
}

void CallBrakes::count_open() {
  open_.set(
      static_cast<double>(std::count_if(guarded_.begin(), guarded_.end(), [](const auto& each) { return each.second.breaker.open(); })));
}

}  // namespace countersign::executor
