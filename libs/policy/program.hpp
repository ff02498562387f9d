#pragma once

// Program: rules with every value they ask for in a numbered slot. Only evaluate.cpp and its tests have a use for it.

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/facts.hpp"
#include "policy/policy.hpp"
#include "policy/truth.hpp"

namespace countersign::policy {

struct CompiledExpression {
  Expression::Kind kind = Expression::Kind::literal;
  std::size_t slot = 0;     // for fact, argument, ticket and evidence
  domain::Value literal{};  // for literal
  std::vector<CompiledExpression> inputs{};
};

struct CompiledCondition {
  Condition::Kind kind = Condition::Kind::always;
  std::vector<CompiledCondition> conditions{};
  std::vector<CompiledExpression> values{};
  std::vector<domain::Value> members{};
};

// Numbers the distinct values that the rules ask for.
class Slots {
 public:
  CompiledCondition compile(const Condition& condition);
  const std::vector<Expression>& leaves() const noexcept { return leaves_; }

 private:
  CompiledExpression compile(const Expression& expression);
  std::size_t slot_of(const Expression& leaf);

  std::vector<Expression> leaves_;
  std::map<std::string, std::size_t> by_text_;
};

// Judges conditions against one set of facts, looking each slot up at most once.
// Ownership  Borrows both arguments; lives as long as one evaluation.
class Judge {
 public:
  Judge(const std::vector<Expression>& leaves, const Facts& facts) : leaves_(leaves), facts_(facts), slots_(leaves.size()) {}

  // `trusted_only`: what a tool merely passes on counts as unknown.
  Truth judge(const CompiledCondition& condition, bool trusted_only) {
    trusted_only_ = trusted_only;
    return judge(condition);
  }

 private:
  struct Slot {
    bool looked = false;
    const domain::Value* value = nullptr;
    bool trusted = true;
  };

  Truth judge(const CompiledCondition& condition);

  Truth judge_all(const std::vector<CompiledCondition>& conditions);
  Truth judge_any(const std::vector<CompiledCondition>& conditions);
  Truth judge_comparison(const CompiledCondition& condition);
  Truth judge_membership(const CompiledCondition& condition);
  Truth judge_possession(const CompiledCondition& condition);
  Truth judge_presence(const CompiledExpression& expression);
  const domain::Value* value_of(const CompiledExpression& expression);
  const domain::Value* compute(const CompiledExpression& expression);
  const domain::Value* look_up(std::size_t slot);

  const std::vector<Expression>& leaves_;
  const Facts& facts_;
  std::vector<Slot> slots_;
  bool trusted_only_ = false;
  std::deque<domain::Value> computed_;  // a deque, so that pointers into it last
};

}  // namespace countersign::policy
