#include "executor/tool_result.hpp"

#include <charconv>
#include <nlohmann/json.hpp>

#include "contracts/guarded_json.hpp"

namespace countersign::executor {

namespace {

using nlohmann::json;

constexpr std::int64_t largest_exact = (std::int64_t{1} << 53) - 1;
constexpr std::string_view instead = "[secret]";
constexpr contracts::Limits within_a_message{.bytes = 240 * 1024, .depth = 40};
constexpr std::size_t shortest_secret = 4;  // shorter ones would be found everywhere

void hide(std::string& text, const std::vector<base::Secret>& secrets) {
  for (const auto& secret : secrets) {
    const std::string& hidden = secret.reveal();
    if (hidden.size() < shortest_secret) continue;
    // On behind what was put in its place, or a secret that is part of that would be found there for ever.
    for (std::size_t at = text.find(hidden); at != std::string::npos; at = text.find(hidden, at + instead.size()))
      text.replace(at, hidden.size(), instead);
  }
}

bool exact(const json& number) {
  return number.is_number_integer() && number.get<std::int64_t>() <= largest_exact && number.get<std::int64_t>() >= -largest_exact;
}

json clean_object(const json& object, const std::vector<base::Secret>& secrets);

json clean(const json& value, const std::vector<base::Secret>& secrets) {
  if (value.is_object()) return clean_object(value, secrets);
  if (value.is_array()) {
    json list = json::array();
    for (const auto& element : value) list.push_back(clean(element, secrets));
    return list;
  }
  if (value.is_number()) return exact(value) ? value : json(value.dump());
  if (!value.is_string()) return value;
  auto text = value.get<std::string>();
  hide(text, secrets);
  return text;
}

json clean_object(const json& object, const std::vector<base::Secret>& secrets) {
  json cleaned = json::object();
  for (const auto& [name, value] : object.items()) {
    std::string member = name;
    hide(member, secrets);
    cleaned[member] = clean(value, secrets);
  }
  return cleaned;
}

json* find_child(json& parent, const std::string& token) {
  if (parent.is_object()) {
    const auto found = parent.find(token);
    return found == parent.end() ? nullptr : &*found;
  }
  std::size_t index = 0;
  const auto parsed = std::from_chars(token.data(), token.data() + token.size(), index);
  const bool whole = parsed.ec == std::errc{} && parsed.ptr == token.data() + token.size();
  return parent.is_array() && whole && index < parent.size() ? &parent[index] : nullptr;
}

void redact(json& result, const domain::Pointer& pointer) {
  json* at = &result;
  for (const auto& token : pointer.tokens()) {
    at = find_child(*at, token);
    if (at == nullptr) return;
  }
  *at = "[redacted]";
}

}  // namespace

base::Result<contracts::Json> read_result(const catalog::ResultRule& rule, std::string_view body,
                                          const std::vector<base::Secret>& secrets) {
  const auto read = contracts::read_json(body, {.bytes = rule.max_bytes, .depth = 32, .string_bytes = rule.max_bytes, .floats = true});
  if (!read) return base::refuse("result_unreadable", read.error().code);
  json result = clean(*read, secrets);
  for (const auto& pointer : rule.redact) redact(result, pointer);
  contracts::Json kept(std::move(result));
  // It travels in step.succeeded, and whoever cannot read that waits for a step that never ends.
  if (!contracts::read_json(kept.text(), within_a_message)) return base::refuse("result_too_large", "no message can carry this result");
  return kept;
}

}  // namespace countersign::executor
