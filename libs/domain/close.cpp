#include "domain/close.hpp"

#include <algorithm>

#include "domain/codes.hpp"

namespace countersign::domain {

namespace {

bool in_doubt(const StepFacts& step) {
  return has_effect(step.risk) && (step.state == StepState::claimed || step.state == StepState::unknown);
}

bool all_done(std::span<const StepFacts> steps) {
  return std::all_of(steps.begin(), steps.end(),
                     [](const auto& step) { return !has_effect(step.risk) || step.state == StepState::succeeded; });
}

bool drafted(std::span<const StepFacts> steps) {
  return std::none_of(steps.begin(), steps.end(), [](const auto& step) {
    return in_doubt(step) || (step.risk == RiskClass::draft && step.state != StepState::succeeded);
  });
}

bool refused(std::span<const StepFacts> steps) {
  return std::none_of(steps.begin(), steps.end(), in_doubt) &&
         std::any_of(steps.begin(), steps.end(), [](const auto& step) { return step.state == StepState::denied; });
}

bool borne_out(StopReason proposed, std::span<const StepFacts> steps) {
  switch (proposed) {
    case StopReason::resolved:
      return all_done(steps);
    case StopReason::draft_ready:
      return drafted(steps);
    case StopReason::denied:
      return refused(steps);
    case StopReason::escalated:
      return true;
    default:
      return false;
  }
}

}  // namespace

CloseVerdict judge_close(StopReason proposed, std::span<const StepFacts> steps) {
  if (borne_out(proposed, steps)) return {.reason = proposed};
  return {.reason = StopReason::escalated, .code = codes::unsupported_close};
}

}  // namespace countersign::domain
