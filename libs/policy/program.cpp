#include "policy/program.hpp"

#include <algorithm>

#include "domain/arithmetic.hpp"

namespace countersign::policy {

namespace {

using domain::Value;

bool leaf(Expression::Kind kind) {
  return kind == Expression::Kind::fact || kind == Expression::Kind::argument || kind == Expression::Kind::ticket ||
         kind == Expression::Kind::evidence;
}

base::Result<Value> fold(Expression::Kind kind, const std::vector<Value>& inputs) {
  if (kind == Expression::Kind::sum) return domain::sum_of(inputs);
  return kind == Expression::Kind::difference ? domain::difference_of(inputs) : domain::min_of(inputs);
}

std::optional<bool> compare(Condition::Kind kind, const Value& a, const Value& b) {
  if (kind == Condition::Kind::eq) return domain::equality_of(a, b);
  if (kind == Condition::Kind::ne) {
    const auto equal = domain::equality_of(a, b);
    return equal ? std::optional(!*equal) : std::nullopt;
  }
  const auto order = domain::order_of(a, b);
  if (!order) return std::nullopt;
  if (kind == Condition::Kind::lt) return *order < 0;
  if (kind == Condition::Kind::le) return *order <= 0;
  return kind == Condition::Kind::gt ? *order > 0 : *order >= 0;
}

}  // namespace

CompiledCondition Slots::compile(const Condition& condition) {
  CompiledCondition compiled{.kind = condition.kind, .members = condition.members};
  for (const auto& part : condition.conditions) compiled.conditions.push_back(compile(part));
  for (const auto& value : condition.values) compiled.values.push_back(compile(value));
  return compiled;
}

CompiledExpression Slots::compile(const Expression& expression) {
  CompiledExpression compiled{.kind = expression.kind, .literal = expression.value};
  if (leaf(expression.kind)) compiled.slot = slot_of(expression);
  for (const auto& input : expression.inputs) compiled.inputs.push_back(compile(input));
  return compiled;
}

std::size_t Slots::slot_of(const Expression& leaf) {
  std::string text = std::string(domain::name_of(leaf.kind)) + '\n' + leaf.name + '\n' + leaf.pointer.text();
  for (const auto& match : leaf.where) text += '\n' + match.evidence_argument.text() + '\n' + match.action_argument.text();
  const auto [entry, fresh] = by_text_.try_emplace(std::move(text), leaves_.size());
  if (fresh) leaves_.push_back(leaf);
  return entry->second;
}

Truth Judge::judge(const CompiledCondition& condition) {
  switch (condition.kind) {
    case Condition::Kind::always:
      return Truth::yes;
    case Condition::Kind::all:
      return judge_all(condition.conditions);
    case Condition::Kind::any:
      return judge_any(condition.conditions);
    case Condition::Kind::negation:
      return condition.conditions.size() == 1 ? opposite(judge(condition.conditions[0])) : Truth::unknown;
    case Condition::Kind::in:
      return judge_membership(condition);
    case Condition::Kind::has:
      return judge_possession(condition);
    case Condition::Kind::present:
      return condition.values.size() == 1 ? judge_presence(condition.values[0]) : Truth::unknown;
    case Condition::Kind::is_true: {
      const Value* value = condition.values.size() == 1 ? value_of(condition.values[0]) : nullptr;
      return value != nullptr && value->boolean() ? truth(*value->boolean()) : Truth::unknown;
    }
    default:
      return judge_comparison(condition);
  }
}

// An empty list would be a condition that nobody wrote; it decides nothing.
Truth Judge::judge_all(const std::vector<CompiledCondition>& conditions) {
  Truth result = conditions.empty() ? Truth::unknown : Truth::yes;
  for (const auto& condition : conditions) {
    result = both(result, judge(condition));
    if (result == Truth::no) break;
  }
  return result;
}

Truth Judge::judge_any(const std::vector<CompiledCondition>& conditions) {
  Truth result = conditions.empty() ? Truth::unknown : Truth::no;
  for (const auto& condition : conditions) {
    result = either(result, judge(condition));
    if (result == Truth::yes) break;
  }
  return result;
}

Truth Judge::judge_comparison(const CompiledCondition& condition) {
  if (condition.values.size() != 2) return Truth::unknown;
  const Value* a = value_of(condition.values[0]);
  const Value* b = value_of(condition.values[1]);
  return a == nullptr || b == nullptr ? Truth::unknown : truth(compare(condition.kind, *a, *b));
}

// No only if the value could have been equal to a member and is to none; a value of another type than all members is unknown.
Truth Judge::judge_membership(const CompiledCondition& condition) {
  const Value* value = condition.values.size() == 1 ? value_of(condition.values[0]) : nullptr;
  if (value == nullptr) return Truth::unknown;
  Truth result = Truth::unknown;
  for (const auto& member : condition.members) {
    const auto equal = domain::equality_of(*value, member);
    if (equal && *equal) return Truth::yes;
    if (equal) result = Truth::no;
  }
  return result;
}

// No only if the value is a list and every element could have been equal and is not.
Truth Judge::judge_possession(const CompiledCondition& condition) {
  if (condition.values.size() != 1 || condition.members.size() != 1) return Truth::unknown;
  const Value* value = value_of(condition.values[0]);
  if (value == nullptr || value->list() == nullptr) return Truth::unknown;
  Truth result = Truth::no;
  for (const auto& element : *value->list()) result = either(result, truth(domain::equality_of(element, condition.members[0])));
  return result;
}

// Arguments and the ticket are known entirely, so that what is not there is absent. Of evidence that was not read and of facts that were
// not given nobody can say that.
Truth Judge::judge_presence(const CompiledExpression& expression) {
  const Value* value = value_of(expression);
  if (value != nullptr) return truth(!value->null());
  if (expression.kind == Expression::Kind::argument || expression.kind == Expression::Kind::ticket) return Truth::no;
  if (expression.kind != Expression::Kind::evidence) return Truth::unknown;
  const Evidence* read = find_evidence(leaves_[expression.slot], facts_);
  const bool telling = read != nullptr && (!trusted_only_ || read->trusts(leaves_[expression.slot].pointer));
  return telling ? Truth::no : Truth::unknown;
}

const Value* Judge::value_of(const CompiledExpression& expression) {
  if (leaf(expression.kind)) return look_up(expression.slot);
  return expression.kind == Expression::Kind::literal ? &expression.literal : compute(expression);
}

const Value* Judge::compute(const CompiledExpression& expression) {
  std::vector<Value> inputs;
  inputs.reserve(expression.inputs.size());
  for (const auto& input : expression.inputs) {
    const Value* value = value_of(input);
    if (value == nullptr) return nullptr;
    inputs.push_back(*value);
  }
  auto result = fold(expression.kind, inputs);
  return result ? &computed_.emplace_back(*std::move(result)) : nullptr;
}

const Value* Judge::look_up(std::size_t slot) {
  Slot& entry = slots_[slot];
  if (!entry.looked) {
    const Value* value = find_value(leaves_[slot], facts_);
    entry = {true, value, value == nullptr || find_trusted_value(leaves_[slot], facts_) != nullptr};
  }
  return trusted_only_ && !entry.trusted ? nullptr : entry.value;
}

}  // namespace countersign::policy
