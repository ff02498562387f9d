#pragma once

// Truth: three-valued logic (S. C. Kleene, "Introduction to Metamathematics", 1952, section 64). What is not known stays unknown until
// something known decides the matter without it.

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "domain/named_enum.hpp"

namespace countersign::policy {

enum class Truth { no, unknown, yes };  // in this order `all` is the least and `any` the greatest

constexpr Truth truth(bool known) { return known ? Truth::yes : Truth::no; }
constexpr Truth truth(std::optional<bool> known) { return known ? truth(*known) : Truth::unknown; }
constexpr Truth both(Truth a, Truth b) { return std::min(a, b); }
constexpr Truth either(Truth a, Truth b) { return std::max(a, b); }
constexpr Truth opposite(Truth a) { return a == Truth::yes ? Truth::no : a == Truth::no ? Truth::yes : Truth::unknown; }

}  // namespace countersign::policy

template <>
struct countersign::domain::EnumNames<countersign::policy::Truth> {
  static constexpr std::array names{std::string_view("no"), std::string_view("unknown"), std::string_view("yes")};
};
