#include "contracts/schema_check.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "contracts/codec.hpp"
#include "contracts/embedded_schemas.hpp"
#include "contracts/guarded_json.hpp"

namespace countersign::contracts {

namespace {

using nlohmann::json;
using Adapter = valijson::adapters::NlohmannJsonAdapter;

constexpr int most_pattern_bytes = 256;
constexpr std::size_t most_schema_depth = 32;
constexpr int most_listed_errors = 5;
constexpr std::size_t most_errors_read = 64;

// The validator keeps the expressions it compiled, and is not made for several threads.
valijson::Validator& validator() {
  thread_local valijson::Validator kept;
  return kept;
}

// Calls `visit` for each schema directly inside this one. Members of `properties` and `definitions` are schemas under names of their own,
// so that a property may be called "pattern" without being one.
template <typename Schema, typename Visit>
void for_each_inner(Schema& schema, const Visit& visit) {
  for (auto& [keyword, member] : schema.items()) {
    if (keyword == "const" || keyword == "enum" || keyword == "default" || keyword == "examples") continue;
    const bool named = keyword == "properties" || keyword == "definitions" || keyword == "dependencies";
    if (member.is_object() && !named) visit(member);
    if (member.is_array() || (member.is_object() && named))
      for (auto& inner : member)
        if (inner.is_object()) visit(inner);
  }
}

// Moves each pattern behind a bound on length, which is tried first: {"if": short enough, "then": pattern, "else": refuse}.
void bound_patterns(json& schema) {
  for_each_inner(schema, [](json& inner) { bound_patterns(inner); });
  const auto pattern = schema.find("pattern");
  if (pattern == schema.end() || !pattern->is_string()) return;
  const json bound{{"maxLength", most_pattern_bytes}};
  json guarded{{"if", bound}, {"then", {{"pattern", *pattern}}}, {"else", bound}};
  schema.erase(pattern);
  schema["allOf"].push_back(std::move(guarded));
}

// Absent when the schema can be compiled; otherwise what stands against it.
std::optional<std::string> find_fault(const json& schema, std::size_t depth = 0) {
  if (depth > most_schema_depth) return "it is nested too deep";
  if (schema.contains("patternProperties")) return "patternProperties is not supported";
  if (schema.contains("format")) return "format is not checked; say it with a pattern";
  const auto reference = schema.find("$ref");
  if (reference != schema.end() && (!reference->is_string() || !reference->get_ref<const std::string&>().starts_with("#/")))
    return "$ref leaves the document";
  const auto all_of = schema.find("allOf");
  if (all_of != schema.end() && !all_of->is_array()) return "allOf is not a list";
  std::optional<std::string> fault;
  for_each_inner(schema, [&](const json& inner) {
    if (!fault) fault = find_fault(inner, depth + 1);
  });
  return fault;
}

std::unique_ptr<valijson::Schema> compile_schema(json schema) {
  if (schema.is_object()) bound_patterns(schema);
  auto compiled = std::make_unique<valijson::Schema>();
  valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
  parser.populateSchema(Adapter(schema), *compiled);
  return compiled;
}

// The validator's places look like <root> [fields] [0].
std::string describe(const valijson::ValidationResults::Error& error) {
  std::string place;
  for (std::string token : error.context) {
    if (token == "<root>") continue;
    if (token.size() > 2 && token.front() == '[' && token.back() == ']') token = token.substr(1, token.size() - 2);
    place += "/" + token.substr(0, 128);
  }
  return (place.empty() ? "the document" : place) + ": " + error.description.substr(0, 256);
}

using Errors = std::vector<valijson::ValidationResults::Error>;

// Whoever contains what is wrong is reported as well, in words that say no more than that.
bool only_repeats(const valijson::ValidationResults::Error& error, const Errors& all) {
  return error.description.starts_with("Failed to validate") && std::any_of(all.begin(), all.end(), [&](const auto& other) {
           return &other != &error && other.context.size() >= error.context.size() &&
                  std::equal(error.context.begin(), error.context.end(), other.context.begin()) &&
                  (other.context.size() > error.context.size() || !other.description.starts_with("Failed to validate"));
         });
}

base::Result<void> check_against(const valijson::Schema& schema, const json& value) {
  const Adapter target(value);
  if (validator().validate(schema, target, nullptr)) return {};
  valijson::ValidationResults results;
  validator().validate(schema, target, &results);
  Errors errors;
  for (valijson::ValidationResults::Error error; errors.size() < most_errors_read && results.popError(error);) errors.push_back(error);
  std::string detail;
  int listed = 0;
  for (const auto& error : errors)
    if (!only_repeats(error, errors) && listed++ < most_listed_errors) detail += (detail.empty() ? "" : "; ") + describe(error);
  return base::refuse("schema_violated", detail.empty() ? "the value does not satisfy its schema" : detail);
}

struct NamedSchema {
  std::string_view text;
  std::unique_ptr<valijson::Schema> compiled;
};

}  // namespace

struct SchemaSet::State {
  std::map<std::string_view, NamedSchema> schemas;

  explicit State(const std::vector<EmbeddedSchema>& embedded) {
    for (const auto& [name, text] : embedded) schemas.emplace(name, NamedSchema{text, compile_schema(json::parse(text))});
  }
};

SchemaSet::SchemaSet(std::unique_ptr<State> state) : state_(std::move(state)) {}
SchemaSet::~SchemaSet() = default;

const SchemaSet& SchemaSet::of_messages() {
  static const SchemaSet set(std::make_unique<State>(messages_schemas()));
  return set;
}

const SchemaSet& SchemaSet::of_documents() {
  static const SchemaSet set(std::make_unique<State>(documents_schemas()));
  return set;
}

base::Result<void> SchemaSet::check(std::string_view name, const nlohmann::json& value) const {
  const auto found = state_->schemas.find(name);
  if (found == state_->schemas.end()) return base::refuse("schema_unknown", "there is no schema for " + std::string(name.substr(0, 64)));
  return check_against(*found->second.compiled, value);
}

std::vector<std::string> SchemaSet::names() const {
  std::vector<std::string> names;
  for (const auto& [name, schema] : state_->schemas) names.emplace_back(name);
  return names;
}

std::string_view SchemaSet::text(std::string_view name) const {
  const auto found = state_->schemas.find(name);
  return found == state_->schemas.end() ? std::string_view{} : found->second.text;
}

struct CompiledSchema::State {
  std::unique_ptr<valijson::Schema> compiled;
};

base::Result<CompiledSchema> CompiledSchema::compile(const nlohmann::json& schema) {
  if (!schema.is_object()) return base::refuse("schema_invalid", "a schema is an object");
  if (auto fault = find_fault(schema)) return base::refuse("schema_invalid", *fault);
  try {
    return CompiledSchema(std::make_shared<const State>(State{compile_schema(schema)}));
  } catch (const std::exception& error) {
    return base::refuse("schema_invalid", error.what());
  }
}

base::Result<void> CompiledSchema::check(const nlohmann::json& value) const {
  if (state_ == nullptr) return base::refuse("schema_violated", "there is no schema that could admit it");
  return check_against(*state_->compiled, value);
}

base::Result<Event> decode_edge(std::string_view type, std::string_view data) {
  if (!known_type(type)) return base::refuse("type_unknown", "no message has the type " + std::string(type.substr(0, 64)));
  auto value = read_json(data);
  if (!value) return tl::unexpected(std::move(value.error()));
  if (auto fine = SchemaSet::of_messages().check(type, *value); !fine) return tl::unexpected(std::move(fine.error()));
  return decode_value(type, std::move(*value));
}

}  // namespace countersign::contracts
