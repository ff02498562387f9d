#pragma once

// PlainJson: the little of JSON that token headers and key files need: texts, lists and objects, four levels deep.
//
// Texts are printable ASCII without escapes, so that a name cannot be spelled in two ways; a member may stand only once. Numbers, true,
// false and null are not read. This is no reader for messages: contracts/guarded_json.hpp is.
//
// Failure    Absent for whatever is not exactly that, trailing bytes included.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace countersign::crypto {

struct PlainJson {
  using List = std::vector<PlainJson>;
  using Object = std::map<std::string, PlainJson, std::less<>>;
  std::variant<std::string, List, Object> value;

  static std::optional<PlainJson> parse(std::string_view text);

  const Object* object() const noexcept { return std::get_if<Object>(&value); }
  const List* list() const noexcept { return std::get_if<List>(&value); }
  // The text member of an object; nullptr when this has none.
  const std::string* text(std::string_view name) const;
};

}  // namespace countersign::crypto
