#pragma once

// explain: why the gate said what it said, for policy owners and reviewers. Never for a planner, who could learn from it how to ask.

#include <optional>
#include <string>
#include <vector>

#include "domain/origin.hpp"
#include "domain/value.hpp"
#include "policy/evaluate.hpp"
#include "policy/facts.hpp"

namespace countersign::policy {

// A value that a rule asked for.
struct ExplainedValue {
  std::string what;                    // "fact amount", "argument /order_id", "ticket /fields/x", "evidence lookup_order /customer_id"
  std::optional<domain::Value> value;  // absent: unknown
  std::optional<domain::Origin> origin;
};

struct ExplainedRule {
  std::string id;
  std::string sentence;
  std::string citation;
  Effect effect = Effect::deny;
  Truth truth = Truth::unknown;
  bool matches = false;
  std::vector<std::string> unknown;  // the values of this rule that nobody knows, as in ExplainedValue::what
};

struct Explanation {
  Decision decision;
  std::vector<ExplainedRule> rules;    // that apply to the tool, in the order of the documents
  std::vector<ExplainedValue> values;  // that they asked for, each once
};

Explanation explain(const std::vector<const Policy*>& policies, const Facts& facts);

}  // namespace countersign::policy
