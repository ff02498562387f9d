#include "policy/explain.hpp"

#include <algorithm>

namespace countersign::policy {

namespace {

using Kind = Expression::Kind;

bool asks(const Expression& expression) {
  return expression.kind == Kind::fact || expression.kind == Kind::argument || expression.kind == Kind::ticket ||
         expression.kind == Kind::evidence;
}

template <typename Visit>
void each_leaf(const Expression& expression, const Visit& visit) {
  if (asks(expression)) visit(expression);
  for (const auto& input : expression.inputs) each_leaf(input, visit);
}

template <typename Visit>
void each_leaf(const Condition& condition, const Visit& visit) {
  for (const auto& part : condition.conditions) each_leaf(part, visit);
  for (const auto& value : condition.values) each_leaf(value, visit);
}

ExplainedValue explain_value(const Expression& leaf, const Facts& facts) {
  ExplainedValue explained{describe(leaf), std::nullopt, find_origin(leaf, facts)};
  if (const auto* value = find_value(leaf, facts)) explained.value = *value;
  return explained;
}

void add_once(std::vector<ExplainedValue>& values, ExplainedValue value) {
  const auto same = [&](const ExplainedValue& other) { return other.what == value.what && other.value == value.value; };
  if (std::none_of(values.begin(), values.end(), same)) values.push_back(std::move(value));
}

ExplainedRule explain_rule(const CompiledPolicy::RuleVerdict& verdict, const Facts& facts) {
  const Rule& rule = *verdict.rule;
  ExplainedRule explained{rule.id, rule.sentence, rule.citation, rule.effect, verdict.truth, verdict.matches, {}};
  each_leaf(rule.when, [&](const Expression& leaf) {
    const auto* known = rule.effect == Effect::allow ? find_trusted_value(leaf, facts) : find_value(leaf, facts);
    if (known == nullptr) explained.unknown.push_back(describe(leaf));
  });
  return explained;
}

}  // namespace

Explanation explain(const std::vector<const Policy*>& policies, const Facts& facts) {
  const CompiledPolicy compiled(policies);
  Explanation explanation{compiled.evaluate(facts), {}, {}};
  for (const auto& verdict : compiled.judge_rules(facts)) {
    explanation.rules.push_back(explain_rule(verdict, facts));
    each_leaf(verdict.rule->when, [&](const Expression& leaf) { add_once(explanation.values, explain_value(leaf, facts)); });
  }
  return explanation;
}

}  // namespace countersign::policy
