#include "policy/floor.hpp"

#include <algorithm>
#include <utility>

namespace countersign::policy {

namespace {

template <typename T, typename U>
bool lists(const std::vector<T>& list, const U& wanted) {
  return std::find(list.begin(), list.end(), wanted) != list.end();
}

bool surely_within(const base::Money* amount, const base::Money& limit) {
  return amount != nullptr && amount->currency == limit.currency && amount->minor <= limit.minor;
}

// So that what was allowed reads like any other decision that wants an approval.
void ask_for_approval(Decision& decision) {
  decision.effect = Effect::require_approval;
  decision.codes = {std::string(codes::approval_required)};
  decision.rules.clear();
  decision.why.clear();
}

}  // namespace

const Floor& default_floor() {
  static const Floor floor{{{.id = "floor.irreversible",
                             .sentence = "What cannot be undone wants a person's approval.",
                             .citation = "built-in floor, because the tenant has none of its own",
                             .classes = {domain::RiskClass::irreversible},
                             .duties = domain::default_duties()}}};
  return floor;
}

bool demands(const FloorDemand& demand, const FloorSubject& subject) {
  const bool about = lists(demand.tools, "*") || lists(demand.tools, subject.tool) || lists(demand.classes, subject.risk);
  return about && !(demand.above && surely_within(subject.amount, *demand.above));
}

Decision raise_to_floor(Decision decision, const Floor& floor, const FloorSubject& subject) {
  if (decision.effect != Effect::allow && decision.effect != Effect::require_approval) return decision;
  std::vector<domain::Demand> asked;
  for (const auto& demand : floor.demands) {
    if (!demands(demand, subject)) continue;
    if (decision.effect == Effect::allow) ask_for_approval(decision);
    decision.rules.push_back(demand.id);
    decision.why.push_back({demand.id, demand.sentence, demand.citation});
    asked.push_back({demand.id, demand.duties, true});
  }
  if (!asked.empty()) decision.requirement = combine(decision.requirement.value_or(domain::Requirement{}), combine(asked));
  return decision;
}

}  // namespace countersign::policy
