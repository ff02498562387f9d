#include "base/money.hpp"

#include <charconv>
#include <cstdio>
#include <set>

namespace countersign::base {

namespace {

int decimals_of(const std::string& currency) {  // ISO 4217, column "minor unit", where it is not 2
  static const std::set<std::string> none{"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"};
  static const std::set<std::string> three{"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"};
  if (none.contains(currency)) return 0;
  return three.contains(currency) ? 3 : 2;
}

}  // namespace

Result<Money> add(const Money& a, const Money& b) {
  if (a.currency != b.currency) return refuse("currency_mismatch", a.currency + " and " + b.currency + " cannot be added");
  Money sum{0, a.currency};
  if (__builtin_add_overflow(a.minor, b.minor, &sum.minor)) return refuse("amount_overflow", "the sum does not fit into 64 bits");
  return sum;
}

Result<Money> subtract(const Money& a, const Money& b) {
  if (a.currency != b.currency) return refuse("currency_mismatch", b.currency + " cannot be taken from " + a.currency);
  Money difference{0, a.currency};
  if (__builtin_sub_overflow(a.minor, b.minor, &difference.minor)) return refuse("amount_overflow", "the difference does not fit into 64 bits");
  return difference;
}

Result<std::int64_t> parse_minor(const std::string& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || std::to_string(value) != text)
    return refuse("amount_invalid", "an amount is a whole number of minor units without leading zeros, as text");
  return value;
}

std::string to_text(const Money& money) {
  const int decimals = decimals_of(money.currency);
  std::uint64_t scale = 1;
  for (int i = 0; i < decimals; ++i) scale *= 10;
  const std::uint64_t magnitude = money.minor < 0 ? 0 - static_cast<std::uint64_t>(money.minor) : static_cast<std::uint64_t>(money.minor);
  std::string text = (money.minor < 0 ? "-" : "") + std::to_string(magnitude / scale);
  if (decimals > 0) {
    std::string fraction = std::to_string(magnitude % scale);
    text += "." + std::string(static_cast<std::size_t>(decimals) - fraction.size(), '0') + fraction;
  }
  return text + " " + money.currency;
}

}  // namespace countersign::base
