#include "catalog/policy_document.hpp"

#include <nlohmann/json.hpp>

#include "catalog/floor_document.hpp"
#include "catalog/mistakes.hpp"
#include "contracts/value.hpp"

namespace countersign::catalog {

namespace {

using nlohmann::json;
using policy::Condition;
using policy::Expression;

// Reads the recursive part of a rule. The schema has bounded shapes; depth is bounded by the reader of all JSON.
class RuleReader {
 public:
  explicit RuleReader(Mistakes& mistakes) : mistakes_(mistakes) {}

  Condition condition(const json& body) {
    const std::string& word = body.begin().key();
    const json& content = *body.begin();
    Condition condition;
    condition.kind = *domain::find_named<Condition::Kind>(word);
    switch (condition.kind) {
      case Condition::Kind::always:
        break;
      case Condition::Kind::all:
      case Condition::Kind::any:
        for (const auto& inner : content) condition.conditions.push_back(this->condition(inner));
        break;
      case Condition::Kind::negation:
        condition.conditions.push_back(this->condition(content));
        break;
      case Condition::Kind::in:
        condition.values.push_back(expression(content.at(0)));
        for (const auto& member : content.at(1)) condition.members.push_back(contracts::to_value(member));
        break;
      case Condition::Kind::has:
        condition.values.push_back(expression(content.at(0)));
        condition.members.push_back(contracts::to_value(content.at(1)));
        break;
      case Condition::Kind::is_true:
      case Condition::Kind::present:
        condition.values.push_back(expression(content));
        break;
      default:
        condition.values = expressions(content);
    }
    return condition;
  }

 private:
  std::vector<Expression> expressions(const json& list) {
    std::vector<Expression> all;
    for (const auto& body : list) all.push_back(expression(body));
    return all;
  }

  Expression expression(const json& body) {
    if (body.contains("evidence")) return evidence(body);
    const std::string& word = body.begin().key();
    const json& content = *body.begin();
    Expression expression;
    if (word == "money") {
      expression.value = contracts::to_value(content);
      mistakes_.check(expression.value.money() != nullptr, "an amount of money is out of range");
      return expression;
    }
    expression.kind = *domain::find_named<Expression::Kind>(word);
    switch (expression.kind) {
      case Expression::Kind::fact:
        expression.name = content;
        break;
      case Expression::Kind::argument:
      case Expression::Kind::ticket:
        expression.pointer = mistakes_.pointer(content);
        break;
      case Expression::Kind::literal:
        expression.value = contracts::to_value(content);
        break;
      default:
        expression.inputs = expressions(content);
    }
    return expression;
  }

  Expression evidence(const json& body) {
    Expression expression;
    expression.kind = Expression::Kind::evidence;
    expression.name = body.at("evidence").at("tool");
    expression.pointer = mistakes_.pointer(body.at("pointer"));
    for (const auto& [of_read, of_action] : body.at("evidence").at("where").items())
      expression.where.push_back({mistakes_.pointer(of_read), mistakes_.pointer(of_action)});
    return expression;
  }

  Mistakes& mistakes_;
};

policy::Rule read_rule(const json& body, Mistakes& mistakes) {
  return {.id = body.at("id"),
          .sentence = body.at("sentence"),
          .citation = body.at("citation"),
          .tools = body.at("tools"),
          .when = RuleReader(mistakes).condition(body.at("when")),
          .effect = *domain::find_named<policy::Effect>(body.at("effect").get<std::string>()),
          .duties = body.contains("duties") ? std::optional(read_duties(body.at("duties"))) : std::nullopt};
}

}  // namespace

base::Result<policy::Policy> parse_policy(const Document& document) {
  if (auto fine = check_kind(document, "policy"); !fine) return base::refuse("policy_invalid", fine.error().detail);
  Mistakes mistakes;
  policy::Policy policy{document.tenant, document.name, static_cast<int>(document.version), {}};
  for (const auto& rule : document.body.value().at("rules")) policy.rules.push_back(read_rule(rule, mistakes));
  for (const auto& fault : policy::find_faults(policy)) mistakes.add(fault.code + ": " + fault.detail);
  if (mistakes.any()) return mistakes.refusal("policy_invalid");
  return policy;
}

}  // namespace countersign::catalog
