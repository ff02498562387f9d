#pragma once

// Json: an immutable JSON value that costs its header nothing but a pointer.
//
// Message structs hold free-form parts (ticket fields, arguments, results) as Json; who wants to look inside includes
// <nlohmann/json.hpp> in a .cpp file and calls value().
//
// Threads    Immutable and shared: copies may be used from any thread.

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace countersign::contracts {

class Json {
 public:
  Json();  // null
  explicit Json(nlohmann::json value);
  static Json object();  // {}
  static Json array();   // []

  const nlohmann::json& value() const noexcept { return *value_; }
  bool is_null() const noexcept;
  // Canonical text (canonical_json.hpp) where the value has one; other numbers are written as they are.
  std::string text() const;

  friend bool operator==(const Json& a, const Json& b) { return a.equals(b); }

 private:
  bool equals(const Json& other) const;
  std::shared_ptr<const nlohmann::json> value_;
};

}  // namespace countersign::contracts
