#pragma once

// Json: an immutable JSON value that costs its header nothing but a pointer.
//
// One that comes back from our own tables is kept as the text that they hold and read when somebody asks for its value: most documents are
// only passed on.
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
  // From a column of type json, which keeps text as it is. That it can be read again is an invariant, checked by value().
  static Json stored(std::string text);

  const nlohmann::json& value() const;
  bool is_null() const noexcept;
  // Canonical text (canonical_json.hpp) where the value has one; other numbers are written as they are. Of a stored one, what the column
  // holds: mostly what text() wrote, but a row that was written while the column was jsonb keeps jsonb's spaces and order of members.
  // No digest is made over the text of a stored one.
  std::string text() const;

  friend bool operator==(const Json& a, const Json& b) { return a.equals(b); }

 private:
  struct Content;
  explicit Json(std::shared_ptr<const Content> content);
  bool equals(const Json& other) const;

  std::shared_ptr<const Content> content_;
};

}  // namespace countersign::contracts
