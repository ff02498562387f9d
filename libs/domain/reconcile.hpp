#pragma once

// judge_look: what the reading of the target says about an effect that is unknown.
//
// Finding it settles the matter. Not finding it counts only after the settle time, because the call may still be on its way; even then
// it permits another attempt only where a call that arrives late does no harm.

#include <string_view>

#include "domain/effect.hpp"
#include "domain/settle.hpp"
#include "domain/step.hpp"

namespace countersign::domain {

enum class Look { found, not_found, failed };

struct LookFacts {
  Look look = Look::failed;
  bool settled = false;     // the manifest's settle time has passed since the call ended or its lease did
  bool past_limit = false;  // it has been unknown for longer than the manifest's limit
  bool stopping = false;
  Idempotency idempotency = Idempotency::none;
  bool attempts_left = true;
};

struct LookVerdict {
  enum class Next {
    settle,      // write the states below
    look_again,  // too early to tell
    ask_person,  // stays unknown; handed off once, and counts as past its limit from now on
  };
  Next next = Next::look_again;
  StepState step = StepState::unknown;
  EffectState effect = EffectState::unknown;
  std::string_view code{};

  friend bool operator==(const LookVerdict&, const LookVerdict&) = default;
};

LookVerdict judge_look(const LookFacts& facts);

// For an effect that nobody can look up: its manifest has no reconcile call.
LookVerdict judge_without_look(bool past_limit);

}  // namespace countersign::domain
