#include "contracts/canonical_json.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "contracts/canonical_writer.hpp"
#include "contracts/text_rules.hpp"

namespace countersign::contracts {

namespace {

using nlohmann::json;

constexpr std::size_t most_depth = 64;

// The order of UTF-16 code units, told from UTF-8: it differs from the order of bytes only in that four-byte characters (surrogates in
// UTF-16) come before U+E000 and up (lead bytes EE and EF).
bool precedes(const std::string& a, const std::string& b) {
  const auto [x, y] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  if (x == a.end() || y == b.end()) return x == a.end() && y != b.end();
  const auto p = static_cast<unsigned char>(*x), q = static_cast<unsigned char>(*y);
  if (p >= 0xEE && q >= 0xEE && (p >= 0xF0) != (q >= 0xF0)) return p >= 0xF0;
  return p < q;
}

class Writer {
 public:
  explicit Writer(bool strict) : strict_(strict) {}

  void write(const json& value, std::size_t depth = 0) {
    switch (value.type()) {
      case json::value_t::object:
        return write_object(value, depth + 1);
      case json::value_t::array:
        return write_array(value, depth + 1);
      case json::value_t::string:
        return write_string(value.get_ref<const std::string&>());
      case json::value_t::boolean:
        return append(value.get<bool>() ? "true" : "false");
      case json::value_t::number_integer:
      case json::value_t::number_unsigned:
      case json::value_t::number_float:
        return write_number(value);
      default:
        return append("null");
    }
  }

  std::string take_text() { return std::move(text_); }
  const std::optional<base::Refusal>& refusal() const { return refusal_; }

 private:
  void append(std::string_view text) { text_.append(text); }

  void refuse(const char* code, const char* detail) {
    if (strict_ && !refusal_) refusal_ = base::Refusal{code, detail};
  }

  bool too_deep(std::size_t depth) {
    if (strict_ && depth > most_depth) refuse("canonical_depth", "the value is nested more than 64 levels deep");
    return refusal_.has_value();
  }

  void write_object(const json& object, std::size_t depth) {
    if (too_deep(depth)) return;
    std::vector<const std::string*> names;
    names.reserve(object.size());
    for (const auto& [name, member] : object.items()) names.push_back(&name);
    // Names that are ASCII are sorted already, as json keeps them in a map.
    std::sort(names.begin(), names.end(), [](const auto* a, const auto* b) { return precedes(*a, *b); });
    append("{");
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (i > 0) append(",");
      write_string(*names[i]);
      append(":");
      write(object.find(*names[i]).value(), depth);
    }
    append("}");
  }

  void write_array(const json& array, std::size_t depth) {
    if (too_deep(depth)) return;
    append("[");
    for (std::size_t i = 0; i < array.size(); ++i) {
      if (i > 0) append(",");
      write(array[i], depth);
    }
    append("]");
  }

  void write_number(const json& number) {
    if (!exact_integer(number)) {
      refuse("canonical_number", "a number is not an integer within 2^53 - 1 of zero");
      return append(number.dump());
    }
    append(std::to_string(number.get<std::int64_t>()));
  }

  void write_string(const std::string& text) {
    if (!valid_utf8(text)) {
      refuse("canonical_utf8", "a text is not UTF-8");
      return append(json(text).dump(-1, ' ', false, json::error_handler_t::replace));
    }
    text_.push_back('"');
    for (const char c : text) write_character(c);
    text_.push_back('"');
  }

  void write_character(char c) {
    static constexpr char digits[] = "0123456789abcdef";
    switch (c) {
      case '"':
        return append("\\\"");
      case '\\':
        return append("\\\\");
      case '\b':
        return append("\\b");
      case '\f':
        return append("\\f");
      case '\n':
        return append("\\n");
      case '\r':
        return append("\\r");
      case '\t':
        return append("\\t");
      default:
        break;
    }
    if (static_cast<unsigned char>(c) >= 0x20) return text_.push_back(c);
    append("\\u00");
    text_.push_back(digits[c >> 4]);
    text_.push_back(digits[c & 15]);
  }

  bool strict_;
  std::string text_;
  std::optional<base::Refusal> refusal_;
};

}  // namespace

base::Result<std::string> canonical_json(const nlohmann::json& value) {
  Writer writer(true);
  writer.write(value);
  if (writer.refusal()) return tl::unexpected(*writer.refusal());
  return writer.take_text();
}

std::string write_json(const nlohmann::json& value) {
  Writer writer(false);
  writer.write(value);
  return writer.take_text();
}

}  // namespace countersign::contracts
