#pragma once

// How soon a person should look at a handoff, by its reason.

#include <array>
#include <string_view>

#include "domain/named_enum.hpp"

namespace countersign::domain {

enum class HandoffPriority { low, normal, high, urgent };

template <>
struct EnumNames<HandoffPriority> {
  static constexpr std::array names{std::string_view("low"), std::string_view("normal"), std::string_view("high"),
                                    std::string_view("urgent")};
};

// normal for a reason that is not listed.
HandoffPriority priority_of(std::string_view reason);

}  // namespace countersign::domain
