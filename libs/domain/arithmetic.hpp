#pragma once

// Arithmetic and order on facts: integers with integers, money with money of the same currency, times with times. Nothing is converted.

#include <compare>
#include <optional>
#include <vector>

#include "base/result.hpp"
#include "domain/value.hpp"

namespace countersign::domain {

// Refuse with `type_mismatch` (also for no input), `currency_mismatch` or `amount_overflow`.
base::Result<Value> sum_of(const std::vector<Value>& inputs);
base::Result<Value> difference_of(const std::vector<Value>& inputs);  // the first less all others; needs two
base::Result<Value> min_of(const std::vector<Value>& inputs);
base::Result<Value> max_of(const std::vector<Value>& inputs);

// Absent when the two have no order: other types, other currencies, texts, truth values. Texts are left out because "10" would come
// before "9" without anyone noticing.
std::optional<std::strong_ordering> order_of(const Value& a, const Value& b) noexcept;

// Absent when the two cannot be compared: other types, other currencies, null, lists, objects.
std::optional<bool> equality_of(const Value& a, const Value& b) noexcept;

}  // namespace countersign::domain
