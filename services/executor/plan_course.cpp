#include "executor/plan_course.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/invariant.hpp"
#include "contracts/codec.hpp"
#include "domain/codes.hpp"
#include "domain/plan_protocol.hpp"
#include "executor/run_ending.hpp"
#include "executor/ticket_audit.hpp"

namespace countersign::executor {

using domain::RunEvent;
using domain::StepState;
using domain::StopReason;

namespace {

nlohmann::json step_list(const contracts::PlanProposed& plan) {
  nlohmann::json list = nlohmann::json::array();
  for (const auto& step : plan.steps) list.push_back({{"name", step.name}, {"tool", step.tool}});
  return list;
}

nlohmann::json to_json(const contracts::ProposedClose& close) {
  nlohmann::json object{{"stop_reason", close.stop_reason}};
  if (close.reason) object["reason"] = *close.reason;
  if (close.resolution) object["resolution"] = nlohmann::json::parse(contracts::encode(*close.resolution));
  return object;
}

}  // namespace

void PlanCourse::begin(const contracts::PlanProposed& plan, const std::vector<domain::RiskClass>& risks) {
  COUNTERSIGN_INVARIANT(risks.size() == plan.steps.size(), "every step of an accepted plan has a tool");
  Run& run = *one_.run;
  ++run.turns;
  ++run.plans;
  run.agent = plan.agent.name + "@" + std::to_string(plan.agent.version);
  run.playbook = plan.playbook.value_or("");
  run.close = plan.close ? contracts::Json(to_json(*plan.close)) : contracts::Json{};
  one_.run_changed = true;
  audit_ticket(one_, run.number, 0, "plan_accepted",
               {{"plan", run.plans}, {"agent", run.agent}, {"playbook", run.playbook}, {"steps", step_list(plan)}}, batch_);
  if (plan.steps.empty()) return close();
  add_steps(plan, risks);
  move_run(one_, RunEvent::accept_plan, {});
}

void PlanCourse::add_steps(const contracts::PlanProposed& plan, const std::vector<domain::RiskClass>& risks) {
  std::int32_t number = 0;
  for (const Step& step : one_.steps)
    if (step.run == one_.run->number) number = std::max(number, step.number);
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    Step step;
    step.run = one_.run->number;
    step.number = ++number;
    step.plan = one_.run->plans;
    step.name = plan.steps[i].name;
    step.tool = plan.steps[i].tool;
    step.risk = risks[i];
    step.turn = i == 0;
    step.proposed = plan.steps[i].arguments;
    step.due_at = batch_.now();
    step.fresh = true;
    one_.transitions.push_back({step.run, step.number, "step", "", "ready", {}, {}});
    one_.steps.push_back(std::move(step));
  }
}

void PlanCourse::go_on(std::string_view escalates) {
  if (Step* next = find_next()) {
    next->turn = next->changed = true;
    next->due_at = batch_.now();
    return;
  }
  if (!one_.run->close.is_null()) return close();
  finish(escalates);
}

void PlanCourse::break_off(std::string_view escalates) {
  for (Step& step : one_.steps)
    if (step.run == one_.run->number && (step.state == StepState::ready || step.state == StepState::waiting_approval))
      conductor_.move_step(one_, step, domain::StepEvent::drop, {std::string(domain::codes::plan_stopped)}, batch_);
  finish(escalates);
}

// The next step of the present plan that has not begun; nullptr when it is through.
Step* PlanCourse::find_next() {
  for (Step& step : one_.steps)
    if (step.run == one_.run->number && step.plan == one_.run->plans && step.state == StepState::ready && !step.turn) return &step;
  return nullptr;
}

// What the planner wanted at the end of its plan, if the steps bear it out.
void PlanCourse::close() {
  Run& run = *one_.run;
  const nlohmann::json close = run.close.value();
  const auto proposed = domain::find_named<StopReason>(close.at("stop_reason").get<std::string>());
  const auto facts = step_facts(one_, run.number);
  const auto verdict = domain::judge_close(proposed.value_or(StopReason::failed), facts);
  std::string code(verdict.code);
  if (code.empty()) {
    if (close.contains("reason")) code = close["reason"].get<std::string>();
    if (close.contains("resolution")) run.resolution = contracts::Json(close["resolution"]);
  }
  RunEnding(conductor_, one_, batch_).begin(verdict.reason, code);
}

// The plan is over without an end of the run: the planner's turn again, while it has any.
void PlanCourse::finish(std::string_view escalates) {
  if (escalates.empty()) escalates = domain::judge_finished_plan(one_.run->turns);
  if (!escalates.empty()) return RunEnding(conductor_, one_, batch_).begin(StopReason::escalated, escalates);
  move_run(one_, RunEvent::finish_plan, {});
  one_.run->close = {};
  one_.run->waiting_since = batch_.now();
}

}  // namespace countersign::executor
