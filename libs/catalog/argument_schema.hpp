#pragma once

// ArgumentSchema: what a manifest says about its tool's arguments, checked for what the rest relies on: a closed object, patterns that
// cannot run away, and pointers that lead somewhere.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/mistakes.hpp"
#include "contracts/schema_check.hpp"

namespace countersign::catalog {

// Ownership  Borrows the schema.
class ArgumentSchema {
 public:
  ArgumentSchema(const nlohmann::json& schema, Mistakes& mistakes);

  const contracts::CompiledSchema& compiled() const noexcept { return compiled_; }
  bool has(std::string_view pointer) const;                           // a property, at whatever depth
  bool money(std::string_view pointer) const;                         // a property with minor and currency
  bool required_text(const std::string& name) const;                  // a required top-level property of type string
  bool text(std::string_view pointer) const;                          // a property of type string
  bool choice(std::string_view pointer) const;                        // a property that is one of a list of texts
  bool object(std::string_view pointer) const;                        // a property with properties
  const std::vector<std::string>& leaves() const { return leaves_; }  // pointers of properties that have no properties

 private:
  const nlohmann::json* find(std::string_view pointer) const;
  void collect(const nlohmann::json& schema, const std::string& at, std::size_t depth, Mistakes& mistakes);

  const nlohmann::json& schema_;
  contracts::CompiledSchema compiled_;
  std::vector<std::string> leaves_;
};

// Characters, classes and repetitions in a row; no groups, no choices, at most two open-ended repetitions.
bool harmless_pattern(std::string_view pattern);

}  // namespace countersign::catalog
