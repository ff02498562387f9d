#include "executor/product_wording.hpp"

#include <algorithm>

namespace countersign::executor {

namespace {

using domain::EffectState;
using domain::StepState;

// nullptr: nothing to be said.
const std::string* words_for(const catalog::Wording& wording, const Step& step, const Effect* effect) {
  if (effect != nullptr) {
    if (effect->state == EffectState::succeeded) return &wording.done;
    return effect->state == EffectState::unknown || effect->state == EffectState::claimed ? &wording.unknown : &wording.refused;
  }
  const bool refused = step.state == StepState::denied || step.state == StepState::expired || step.state == StepState::withdrawn;
  return refused ? &wording.refused : nullptr;
}

}  // namespace

std::vector<std::string> product_wording(const catalog::Snapshot& snapshot, const TicketCase& one, std::int32_t run) {
  std::vector<const Step*> steps;
  for (const Step& step : one.steps)
    if (step.run == run && domain::has_effect(step.risk)) steps.push_back(&step);
  std::sort(steps.begin(), steps.end(), [](const Step* a, const Step* b) { return a->number < b->number; });
  std::vector<std::string> sentences;
  for (const Step* step : steps) {
    const auto* manifest = snapshot.find_tool(one.ticket.tenant, step->tool);
    if (manifest == nullptr) continue;
    const auto* words = words_for(manifest->wording, *step, one.find_effect(step->run, step->number));
    if (words != nullptr && !words->empty() && std::find(sentences.begin(), sentences.end(), *words) == sentences.end())
      sentences.push_back(*words);
  }
  return sentences;
}

}  // namespace countersign::executor
