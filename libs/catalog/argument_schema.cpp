#include "catalog/argument_schema.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace countersign::catalog {

namespace {

using nlohmann::json;

constexpr std::size_t most_depth = 6;

bool plain_name(const std::string& name) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), fits);
}

bool closed_object(const json& schema) {
  return schema.is_object() && schema.value("type", json()) == "object" && schema.contains("properties") &&
         schema["properties"].is_object() && schema.value("additionalProperties", json()) == false;
}

// Every pattern anywhere in the schema.
void check_patterns(const json& schema, Mistakes& mistakes) {
  if (!schema.is_structured()) return;
  if (schema.is_object() && schema.contains("pattern") && schema["pattern"].is_string() &&
      !harmless_pattern(schema["pattern"].get<std::string>()))
    mistakes.add("the pattern " + schema["pattern"].get<std::string>().substr(0, 100) + " has groups, choices or too many repetitions");
  for (const auto& inner : schema) check_patterns(inner, mistakes);
}

}  // namespace

bool harmless_pattern(std::string_view pattern) {
  if (pattern.size() > 256 || pattern.find_first_of("()|") != std::string_view::npos) return false;
  int open_ended = 0;
  bool in_class = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '\\') {
      const char next = i + 1 < pattern.size() ? pattern[++i] : '\0';
      if (next >= '0' && next <= '9') return false;  // refers back
      continue;
    }
    if (c == '[' && !in_class) in_class = true;
    if (c == ']') in_class = false;
    const bool bounds = c == '{' && !in_class;
    if (bounds) {
      const auto end = pattern.find('}', i);
      if (end == std::string_view::npos || end - i > 8) return false;
    }
    open_ended += !in_class && (c == '*' || c == '+' || bounds) ? 1 : 0;
  }
  return open_ended <= 2;
}

ArgumentSchema::ArgumentSchema(const json& schema, Mistakes& mistakes) : schema_(schema) {
  check_patterns(schema, mistakes);
  if (!closed_object(schema)) {
    mistakes.add("arguments is not an object schema with properties and additionalProperties false");
    return;
  }
  collect(schema, "", 0, mistakes);
  if (mistakes.any()) return;  // a pattern that runs away must not be tried
  auto compiled = contracts::CompiledSchema::compile(schema);
  if (compiled) {
    compiled_ = *std::move(compiled);
  } else {
    mistakes.add("arguments: " + compiled.error().detail);
  }
}

void ArgumentSchema::collect(const json& schema, const std::string& at, std::size_t depth, Mistakes& mistakes) {
  for (const auto& [name, property] : schema.at("properties").items()) {
    const std::string pointer = at + "/" + name;
    mistakes.check(plain_name(name), "the argument " + pointer + " has a name with other characters than letters, digits, _ and -");
    mistakes.check(depth > 0 || (name != "tenant" && name != "ticket_id" && name != "idempotency_key"),
                   "the argument " + pointer + " has the name of a built-in variable");
    const bool object = property.is_object() && property.value("type", json()) == "object";
    if (!object) {
      leaves_.push_back(pointer);
    } else if (!closed_object(property) || depth == most_depth) {
      mistakes.add("the argument " + pointer + " is an object without properties and additionalProperties false, or too deep");
    } else {
      collect(property, pointer, depth + 1, mistakes);
    }
  }
}

const json* ArgumentSchema::find(std::string_view pointer) const {
  const auto parsed = domain::Pointer::parse(pointer);
  if (!parsed || parsed->tokens().empty()) return nullptr;
  const json* at = &schema_;
  for (const auto& token : parsed->tokens()) {
    if (!at->is_object() || !at->contains("properties") || !(*at)["properties"].is_object()) return nullptr;
    const auto property = (*at)["properties"].find(token);
    if (property == (*at)["properties"].end()) return nullptr;
    at = &*property;
  }
  return at;
}

bool ArgumentSchema::has(std::string_view pointer) const { return find(pointer) != nullptr; }

bool ArgumentSchema::money(std::string_view pointer) const {
  const json* property = find(pointer);
  if (property == nullptr || !closed_object(*property) || (*property)["properties"].size() != 2) return false;
  return (*property)["properties"].contains("minor") && (*property)["properties"].contains("currency");
}

bool ArgumentSchema::text(std::string_view pointer) const {
  const json* property = find(pointer);
  return property != nullptr && property->is_object() && property->value("type", json()) == "string";
}

bool ArgumentSchema::choice(std::string_view pointer) const {
  const json* property = find(pointer);
  if (property == nullptr || !property->is_object() || !property->contains("enum") || !(*property)["enum"].is_array()) return false;
  return std::all_of((*property)["enum"].begin(), (*property)["enum"].end(), [](const auto& word) { return word.is_string(); });
}

bool ArgumentSchema::object(std::string_view pointer) const {
  const json* property = find(pointer);
  return property != nullptr && closed_object(*property);
}

bool ArgumentSchema::required_text(const std::string& name) const {
  const json* property = find("/" + name);
  if (property == nullptr || !property->is_object() || property->value("type", json()) != "string") return false;
  const auto required = schema_.value("required", json::array());
  return required.is_array() && std::find(required.begin(), required.end(), name) != required.end();
}

}  // namespace countersign::catalog
