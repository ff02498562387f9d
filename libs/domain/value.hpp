#pragma once

// Value: a fact with its type: what tickets, arguments, evidence and rules are made of.
//
// There are no floating-point numbers. Two values are equal only if their types are: the text "1" is not the number 1, and 10.00 EUR is
// not 10.00 USD. Where JSON becomes a Value, an object with exactly {minor: integer text, currency} becomes Money.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "base/money.hpp"
#include "domain/pointer.hpp"

namespace countersign::domain {

class Value {
 public:
  using List = std::vector<Value>;
  using Object = std::map<std::string, Value, std::less<>>;
  enum class Kind { null, boolean, integer, text, money, time, list, object };

  Value() = default;  // null
  Value(std::nullptr_t) {}
  template <std::same_as<bool> T>  // so that no pointer turns into a truth value
  Value(T truth) : held_(truth) {}
  template <std::signed_integral T>
  Value(T number) : held_(static_cast<std::int64_t>(number)) {}
  Value(const char* text) : held_(std::string(text)) {}
  Value(std::string_view text) : held_(std::string(text)) {}
  Value(std::string text) : held_(std::move(text)) {}
  Value(base::Money money) : held_(std::move(money)) {}
  Value(base::WallTime time) : held_(time) {}
  Value(List list) : held_(std::move(list)) {}
  Value(Object object) : held_(std::move(object)) {}

  Kind kind() const noexcept { return static_cast<Kind>(held_.index()); }
  bool null() const noexcept { return kind() == Kind::null; }
  bool scalar() const noexcept { return kind() != Kind::list && kind() != Kind::object; }

  // nullptr when the value is of another type.
  const bool* boolean() const noexcept { return std::get_if<bool>(&held_); }
  const std::int64_t* integer() const noexcept { return std::get_if<std::int64_t>(&held_); }
  const std::string* text() const noexcept { return std::get_if<std::string>(&held_); }
  const base::Money* money() const noexcept { return std::get_if<base::Money>(&held_); }
  const base::WallTime* time() const noexcept { return std::get_if<base::WallTime>(&held_); }
  const List* list() const noexcept { return std::get_if<List>(&held_); }
  const Object* object() const noexcept { return std::get_if<Object>(&held_); }
  List* list() noexcept { return std::get_if<List>(&held_); }
  Object* object() noexcept { return std::get_if<Object>(&held_); }

  friend bool operator==(const Value& a, const Value& b);

 private:
  std::variant<std::monostate, bool, std::int64_t, std::string, base::Money, base::WallTime, List, Object> held_;
};

}  // namespace countersign::domain
