#pragma once

// Money: an amount in the currency's minor unit. Never a floating-point number.

#include <cstdint>
#include <string>

#include "base/result.hpp"

namespace countersign::base {

struct Money {
  std::int64_t minor = 0;
  std::string currency;  // ISO 4217, three capital letters

  friend bool operator==(const Money&, const Money&) = default;
};

// Refuse with `currency_mismatch` or `amount_overflow`.
Result<Money> add(const Money& a, const Money& b);
Result<Money> subtract(const Money& a, const Money& b);

// Parses the canonical form used in JSON: an optional minus, no leading zeros, within int64.
Result<std::int64_t> parse_minor(const std::string& text);

// "25.00 EUR"; knows the currencies without or with three decimals.
std::string to_text(const Money& money);

}  // namespace countersign::base
