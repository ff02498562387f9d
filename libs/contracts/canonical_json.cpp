#include "contracts/canonical_json.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>
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

// Whether a map by bytes is also sorted by UTF-16 code units: no name has one of the lead bytes for which the orders differ.
bool sorted_as_kept(const json::object_t& members) {
  const auto plain = [](char c) { return static_cast<unsigned char>(c) < 0xEE; };
  return std::all_of(members.begin(), members.end(), [&](const auto& member) {
    return ascii_length(member.first) == member.first.size() || std::all_of(member.first.begin(), member.first.end(), plain);
  });
}

class Writer {
 public:
  Writer(std::string& text, bool strict) : text_(text), strict_(strict) {}

  void write(const json& value, std::size_t depth = 0) {
    switch (value.type()) {
      case json::value_t::object:
        return write_object(value.get_ref<const json::object_t&>(), depth + 1);
      case json::value_t::array:
        return write_array(value.get_ref<const json::array_t&>(), depth + 1);
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

  void write_string(const std::string& text) {
    if (!valid_utf8(text)) {
      refuse("canonical_utf8", "a text is not UTF-8");
      return append(json(text).dump(-1, ' ', false, json::error_handler_t::replace));
    }
    text_.push_back('"');
    auto run = text.begin();
    for (auto at = text.begin(); at != text.end(); ++at) {
      if (!escaped(*at)) continue;
      text_.append(run, at);
      write_escaped(*at);
      run = at + 1;
    }
    text_.append(run, text.end());
    text_.push_back('"');
  }

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

  void write_object(const json::object_t& members, std::size_t depth) {
    if (too_deep(depth)) return;
    text_.push_back('{');
    bool first = true;
    const auto write_member = [&](const json::object_t::value_type& member) {
      if (!std::exchange(first, false)) text_.push_back(',');
      write_string(member.first);
      text_.push_back(':');
      write(member.second, depth);
    };
    if (sorted_as_kept(members)) {
      for (const auto& member : members) write_member(member);
    } else {
      for (const auto* member : sorted(members)) write_member(*member);
    }
    text_.push_back('}');
  }

  static std::vector<const json::object_t::value_type*> sorted(const json::object_t& members) {
    std::vector<const json::object_t::value_type*> order;
    order.reserve(members.size());
    for (const auto& member : members) order.push_back(&member);
    std::sort(order.begin(), order.end(), [](const auto* a, const auto* b) { return precedes(a->first, b->first); });
    return order;
  }

  void write_array(const json::array_t& items, std::size_t depth) {
    if (too_deep(depth)) return;
    text_.push_back('[');
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (i > 0) text_.push_back(',');
      write(items[i], depth);
    }
    text_.push_back(']');
  }

  void write_number(const json& number) {
    if (!exact_integer(number)) {
      refuse("canonical_number", "a number is not an integer within 2^53 - 1 of zero");
      return append(number.dump());
    }
    append_number(number.get<std::int64_t>(), text_);
  }

  static bool escaped(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

  void write_escaped(char c) {
    static constexpr char digits[] = "0123456789abcdef";
    static constexpr std::string_view special = "\"\\\b\f\n\r\t", letters = "\"\\bfnrt";
    text_.push_back('\\');
    if (const auto known = special.find(c); known != std::string_view::npos) return text_.push_back(letters[known]);
    append("u00");
    text_.push_back(digits[c >> 4]);
    text_.push_back(digits[c & 15]);
  }

  std::string& text_;
  bool strict_;
  std::optional<base::Refusal> refusal_;
};

}  // namespace

base::Result<std::string> canonical_json(const nlohmann::json& value) {
  std::string text;
  Writer writer(text, true);
  writer.write(value);
  if (writer.refusal()) return tl::unexpected(*writer.refusal());
  return text;
}

std::string write_json(const nlohmann::json& value) {
  std::string text;
  append_json(value, text);
  return text;
}

void append_json(const nlohmann::json& value, std::string& text) { Writer(text, false).write(value); }
void append_text(const std::string& value, std::string& text) { Writer(text, false).write_string(value); }

void append_number(std::int64_t value, std::string& text) {
  char digits[24];
  text.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

}  // namespace countersign::contracts
