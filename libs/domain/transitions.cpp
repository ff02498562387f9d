#include <array>
#include <string>

#include "domain/effect.hpp"
#include "domain/run.hpp"
#include "domain/step.hpp"

namespace countersign::domain {

namespace {

template <typename State, typename Event, typename Row, std::size_t N>
base::Result<State> follow(const std::array<Row, N>& table, State from, Event event, const char* of) {
  for (const auto& row : table)
    if (row.from == from && row.event == event) return row.to;
  return base::refuse("illegal_transition", std::string("a ") + of + " that is " + std::string(name_of(from)) + " does not move that way");
}

}  // namespace

base::Result<StepState> transition(StepState from, StepEvent event) { return follow(step_transitions, from, event, "step"); }

base::Result<EffectState> transition(EffectState from, EffectEvent event) { return follow(effect_transitions, from, event, "effect"); }

base::Result<RunState> transition(RunState from, RunEvent event) { return follow(run_transitions, from, event, "run"); }

}  // namespace countersign::domain
