#include "executor/plan_review.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/invariant.hpp"
#include "contracts/value.hpp"
#include "domain/arguments.hpp"
#include "domain/codes.hpp"

namespace countersign::executor {

namespace {

class FaultFinder {
 public:
  FaultFinder(const contracts::PlanProposed& plan, const TicketCase& one, const catalog::Snapshot& configuration)
      : plan_(plan), configuration_(configuration) {
    for (const Evidence& evidence : one.evidence)
      if (one.run && evidence.run == one.run->number) readable_.insert(evidence.name);
    taken_ = readable_;
  }

  std::vector<std::string> find() {
    for (const auto& step : plan_.steps) look_at(step);
    return std::move(faults_);
  }

 private:
  void add(std::string_view code) {
    if (std::find(faults_.begin(), faults_.end(), code) == faults_.end()) faults_.emplace_back(code);
  }

  void look_at(const contracts::ProposedStep& step) {
    if (taken_.contains(step.name)) add("step_name_taken");
    const auto* tool = configuration_.find_tool(plan_.tenant, step.tool);
    if (tool == nullptr)
      add("tool_unknown");
    else if (!could_fit(step.arguments.value(), *tool))
      add(domain::codes::arguments_invalid);
    look_at_sources(step);
    if (tool == nullptr || !domain::has_effect(tool->risk)) readable_.insert(step.name);
  }

  void look_at_sources(const contracts::ProposedStep& step) {
    const auto needed = domain::evidence_steps_of(contracts::to_value(step.arguments));
    if (!needed) return add(needed.error().code);
    for (const auto& name : *needed)
      if (!readable_.contains(name)) add("evidence_step_unknown");
  }

  // Members against the tool's schema; the values too, where none of them comes from a source.
  static bool could_fit(const nlohmann::json& arguments, const catalog::ToolManifest& tool) {
    if (!arguments.is_object()) return false;
    const auto& schema = tool.argument_schema.value();
    const auto members = schema.find("properties");
    for (const auto& [name, value] : arguments.items())
      if (members == schema.end() || !members->contains(name)) return false;
    if (const auto required = schema.find("required"); required != schema.end())
      for (const auto& name : *required)
        if (!arguments.contains(name.get<std::string>())) return false;
    return has_source(arguments) || tool.arguments.check(arguments).has_value();
  }

  static bool has_source(const nlohmann::json& value) {
    if (value.is_object() && value.contains("$from")) return true;
    return value.is_structured() && std::any_of(value.begin(), value.end(), has_source);
  }

  const contracts::PlanProposed& plan_;
  const catalog::Snapshot& configuration_;
  std::set<std::string> readable_;  // whose evidence the step at hand may name
  std::set<std::string> taken_;
  std::vector<std::string> faults_;
};

}  // namespace

std::vector<std::string> find_faults(const contracts::PlanProposed& plan, const TicketCase& one, const catalog::Snapshot& configuration) {
  return FaultFinder(plan, one, configuration).find();
}

std::vector<domain::RiskClass> risks_of(const contracts::PlanProposed& plan, const catalog::Snapshot& configuration) {
  std::vector<domain::RiskClass> risks;
  for (const auto& step : plan.steps) {
    const auto* tool = configuration.find_tool(plan.tenant, step.tool);
    COUNTERSIGN_INVARIANT(tool != nullptr, "a plan without faults names known tools");
    risks.push_back(tool->risk);
  }
  return risks;
}

}  // namespace countersign::executor
