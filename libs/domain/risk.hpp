#pragma once

// RiskClass: what a tool can do at worst, mildest first. A tool has exactly one; a chain of steps is governed by its highest.

#include <algorithm>
#include <array>
#include <string_view>

#include "domain/named_enum.hpp"

namespace countersign::domain {

enum class RiskClass { read, draft, reversible, outbound, money, irreversible };

template <>
struct EnumNames<RiskClass> {
  static constexpr std::array names{std::string_view("read"),     std::string_view("draft"), std::string_view("reversible"),
                                    std::string_view("outbound"), std::string_view("money"), std::string_view("irreversible")};
};

constexpr RiskClass highest(RiskClass a, RiskClass b) { return std::max(a, b); }
constexpr bool has_effect(RiskClass risk) { return risk != RiskClass::read; }
constexpr bool needs_operation_key(RiskClass risk) { return risk == RiskClass::money || risk == RiskClass::irreversible; }

}  // namespace countersign::domain
