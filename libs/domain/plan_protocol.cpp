#include "domain/plan_protocol.hpp"

#include "domain/codes.hpp"

namespace countersign::domain {

namespace {

using Kind = PlanVerdict::Kind;

PlanVerdict drop(std::string_view code) { return {.kind = Kind::drop, .codes = {std::string(code)}}; }

bool live(const RunFacts& facts) { return facts.run && *facts.run != RunState::stopped; }

// Why no plan for the present version is taken up now, whatever it says; empty when one is.
std::string_view find_obstacle(const RunFacts& facts) {
  if (facts.ticket_version == 0) return codes::ticket_unknown;
  if (facts.ticket_closed) return codes::ticket_closed;
  if (facts.version_ended) return codes::version_ended;
  if (facts.run == RunState::stopping) return codes::run_stopping;
  if (facts.run == RunState::running) return codes::plan_active;
  return {};
}

PlanVerdict reject(const RunFacts& facts, std::vector<std::string> reasons, std::string_view escalates) {
  if (escalates.empty()) escalates = judge_finished_plan(facts.turns_used + 1);
  return {.kind = Kind::reject, .codes = std::move(reasons), .opens_run = !live(facts), .counts_turn = true, .escalates = escalates};
}

PlanVerdict exhausted(const RunFacts& facts, std::string_view code) { return reject(facts, {std::string(code)}, code); }

PlanVerdict hold_newest(const RunFacts& facts, const PlanFacts& plan) {
  if (facts.held_version && *facts.held_version > plan.ticket_version) return drop(codes::newer_plan_held);
  return {.kind = Kind::hold};
}

}  // namespace

PlanVerdict judge_plan(const RunFacts& facts, const PlanFacts& plan) {
  if (plan.readable && plan.ticket_version > facts.ticket_version) return hold_newest(facts, plan);
  if (plan.readable && plan.ticket_version < facts.ticket_version) return drop(codes::stale_version);
  if (const auto obstacle = find_obstacle(facts); !obstacle.empty()) return drop(obstacle);
  if (plan.readable && plan.after != facts.last_steps_sequence) return drop(codes::stale_after);
  if (!live(facts) && !runs_left(facts.runs_opened)) return exhausted(facts, codes::runs_exhausted);
  if (!turns_left(facts.turns_used)) return exhausted(facts, codes::turns_exhausted);
  if (!plan.readable) return reject(facts, {std::string(codes::plan_unreadable)}, {});
  if (!plan.faults.empty()) return reject(facts, plan.faults, {});
  return {.kind = Kind::accept, .codes = {}, .opens_run = !live(facts), .counts_turn = true};
}

std::string_view judge_finished_plan(int turns_used) { return turns_left(turns_used) ? std::string_view{} : codes::turns_exhausted; }

}  // namespace countersign::domain
