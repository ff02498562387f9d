#pragma once

// judge_close: whether the steps of the run bear out the end that the planner proposes. What they do not bear out ends escalated.
//
//   resolved     every step that is not a read succeeded
//   draft_ready  every draft step succeeded, and nothing is in doubt
//   denied       a step was denied, and nothing is in doubt
//   escalated    always
//
// failed, cancelled and superseded are the executor's own words; a planner that says them is not believed.

#include <span>
#include <string_view>

#include "domain/risk.hpp"
#include "domain/run.hpp"
#include "domain/step.hpp"

namespace countersign::domain {

struct StepFacts {
  RiskClass risk = RiskClass::read;
  StepState state = StepState::ready;
  bool past_limit = false;  // unknown for longer than its manifest allows
};

struct CloseVerdict {
  StopReason reason = StopReason::escalated;
  std::string_view code{};  // `unsupported_close` when the proposal was not borne out

  friend bool operator==(const CloseVerdict&, const CloseVerdict&) = default;
};

// `steps`: all steps of the run, of every plan.
CloseVerdict judge_close(StopReason proposed, std::span<const StepFacts> steps);

}  // namespace countersign::domain
