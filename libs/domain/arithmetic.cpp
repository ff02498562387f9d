#include "domain/arithmetic.hpp"

#include <cstdint>

namespace countersign::domain {

namespace {

tl::unexpected<base::Refusal> mismatch() { return base::refuse("type_mismatch", "only integers go with integers, and money with money"); }

base::Result<Value> lift(base::Result<base::Money> money) {
  if (!money) return tl::unexpected(std::move(money.error()));
  return Value(*std::move(money));
}

base::Result<Value> add(const Value& a, const Value& b) {
  if (a.money() && b.money()) return lift(base::add(*a.money(), *b.money()));
  if (!a.integer() || !b.integer()) return mismatch();
  std::int64_t sum = 0;
  if (__builtin_add_overflow(*a.integer(), *b.integer(), &sum)) return base::refuse("amount_overflow", "the sum does not fit into 64 bits");
  return Value(sum);
}

base::Result<Value> subtract(const Value& a, const Value& b) {
  if (a.money() && b.money()) return lift(base::subtract(*a.money(), *b.money()));
  if (!a.integer() || !b.integer()) return mismatch();
  std::int64_t rest = 0;
  if (__builtin_sub_overflow(*a.integer(), *b.integer(), &rest))
    return base::refuse("amount_overflow", "the difference does not fit into 64 bits");
  return Value(rest);
}

bool number(const Value& value) { return value.integer() || value.money(); }

template <typename Step>
base::Result<Value> fold(const std::vector<Value>& inputs, std::size_t at_least, Step step) {
  if (inputs.size() < at_least || !number(inputs.front())) return mismatch();
  base::Result<Value> result = inputs.front();
  for (std::size_t i = 1; i < inputs.size() && result; ++i) result = step(*result, inputs[i]);
  return result;
}

base::Result<Value> pick(const Value& a, const Value& b, std::strong_ordering wanted) {
  const auto order = order_of(a, b);
  if (order) return *order == wanted ? a : b;
  if (a.money() && b.money())
    return base::refuse("currency_mismatch", a.money()->currency + " and " + b.money()->currency + " cannot be compared");
  return mismatch();
}

}  // namespace

base::Result<Value> sum_of(const std::vector<Value>& inputs) { return fold(inputs, 1, add); }

base::Result<Value> difference_of(const std::vector<Value>& inputs) { return fold(inputs, 2, subtract); }

base::Result<Value> min_of(const std::vector<Value>& inputs) {
  return fold(inputs, 1, [](const Value& a, const Value& b) { return pick(a, b, std::strong_ordering::less); });
}

base::Result<Value> max_of(const std::vector<Value>& inputs) {
  return fold(inputs, 1, [](const Value& a, const Value& b) { return pick(a, b, std::strong_ordering::greater); });
}

std::optional<std::strong_ordering> order_of(const Value& a, const Value& b) noexcept {
  if (a.integer() && b.integer()) return *a.integer() <=> *b.integer();
  if (a.time() && b.time()) return *a.time() <=> *b.time();
  if (a.money() && b.money() && a.money()->currency == b.money()->currency) return a.money()->minor <=> b.money()->minor;
  return std::nullopt;
}

std::optional<bool> equality_of(const Value& a, const Value& b) noexcept {
  if (a.kind() != b.kind() || !a.scalar() || a.null()) return std::nullopt;
  if (a.money() && a.money()->currency != b.money()->currency) return std::nullopt;
  return a == b;
}

}  // namespace countersign::domain
