#include "executor/case.hpp"

#include <algorithm>

namespace countersign::executor {

namespace {

template <typename Things>
auto* find_numbered(Things& things, std::int32_t run, std::int32_t number, std::int32_t std::decay_t<Things>::value_type::*member) {
  const auto found = std::find_if(things.begin(), things.end(), [&](const auto& one) { return one.run == run && one.*member == number; });
  return found == things.end() ? nullptr : &*found;
}

contracts::EffectSummary summarise(const Effect& effect) {
  contracts::EffectSummary summary;
  summary.run = effect.run;
  summary.step = effect.step;
  summary.tool = effect.tool;
  summary.state = domain::name_of(effect.state);
  if (!effect.target.empty()) summary.target = effect.target;
  summary.amount = effect.amount;
  if (!effect.operation.empty()) summary.operation = effect.operation;
  return summary;
}

bool changes_asked(const Step& step) {
  return step.state == domain::StepState::denied && !step.codes.empty() && step.codes.front() == changes_requested;
}

// What people wanted otherwise, and a later plan has proposed otherwise, does not stand against the run; nor does what was dropped with it.
bool replaced(const TicketCase& one, const Step& step) {
  if (!one.run || one.run->number != step.run || one.run->plans <= step.plan) return false;
  if (step.state != domain::StepState::dropped) return changes_asked(step);
  return std::any_of(one.steps.begin(), one.steps.end(),
                     [&](const Step& other) { return other.run == step.run && other.plan == step.plan && changes_asked(other); });
}

}  // namespace

std::optional<contracts::AgentVersion> agent_of(const Run& run) {
  const auto at = run.agent.rfind('@');
  if (at == std::string::npos) return std::nullopt;
  return contracts::AgentVersion{run.agent.substr(0, at), std::stoll(run.agent.substr(at + 1))};
}

Step* TicketCase::find_step(std::int32_t of_run, std::int32_t step) { return find_numbered(steps, of_run, step, &Step::number); }

Effect* TicketCase::find_effect(std::int32_t of_run, std::int32_t step) { return find_numbered(effects, of_run, step, &Effect::step); }

const Effect* TicketCase::find_effect(std::int32_t of_run, std::int32_t step) const {
  return find_numbered(effects, of_run, step, &Effect::step);
}

std::vector<domain::StepFacts> step_facts(const TicketCase& one, std::int32_t run) {
  std::vector<domain::StepFacts> facts;
  for (const Step& step : one.steps) {
    if (step.run != run || replaced(one, step)) continue;
    const Effect* effect = one.find_effect(run, step.number);
    facts.push_back({.risk = step.risk, .state = step.state, .past_limit = effect != nullptr && effect->overdue});
  }
  return facts;
}

std::vector<contracts::EffectSummary> effect_summaries(const TicketCase& one, std::int32_t run) {
  std::vector<contracts::EffectSummary> summaries;
  for (const Effect& effect : one.effects)
    if (effect.run == run) summaries.push_back(summarise(effect));
  return summaries;
}

}  // namespace countersign::executor
