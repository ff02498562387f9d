#pragma once

// Names of enumerators: one table per enum, used for messages, SQL and metrics alike, so that a word exists in one place only.
// A room specialises EnumNames beside its enum, with the names in the order of the enumerators.

#include <cstddef>
#include <optional>
#include <string_view>

namespace countersign::domain {

template <typename E>
struct EnumNames;  // static constexpr std::array names{std::string_view…};

template <typename E>
constexpr std::string_view name_of(E value) {
  return EnumNames<E>::names[static_cast<std::size_t>(value)];
}

// Absent for a word that is none of the names: outside data is never trusted to be one.
template <typename E>
constexpr std::optional<E> find_named(std::string_view name) {
  for (std::size_t i = 0; i < EnumNames<E>::names.size(); ++i)
    if (EnumNames<E>::names[i] == name) return static_cast<E>(i);
  return std::nullopt;
}

}  // namespace countersign::domain
