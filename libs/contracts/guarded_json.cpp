#include "contracts/guarded_json.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "contracts/text_rules.hpp"

namespace countersign::contracts {

namespace {

using nlohmann::json;

constexpr std::size_t most_name_shown = 64;

bool digit(char c) { return c >= '0' && c <= '9'; }

// -1: not a hexadecimal digit.
int hex_value(char c) {
  if (digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool high_surrogate(std::uint32_t unit) { return unit >= 0xD800 && unit <= 0xDBFF; }
bool low_surrogate(std::uint32_t unit) { return unit >= 0xDC00 && unit <= 0xDFFF; }

void append_utf8(std::uint32_t point, std::string& text) {
  const auto add = [&](std::uint32_t byte) { text.push_back(static_cast<char>(byte)); };
  const auto tail = [&](int shift) { add(0x80 | (point >> shift & 0x3F)); };
  if (point < 0x80) return add(point);
  if (point < 0x800) return add(0xC0 | point >> 6), tail(0);
  if (point < 0x10000) return add(0xE0 | point >> 12), tail(6), tail(0);
  add(0xF0 | point >> 18), tail(12), tail(6), tail(0);
}

std::string place(std::size_t offset) { return ", at byte " + std::to_string(offset + 1); }

// What ends a run of bytes that a text takes over as they are.
constexpr auto text_stops = [] {
  std::array<bool, 256> stops{};
  for (std::size_t c = 0; c < 0x20; ++c) stops[c] = true;
  stops['"'] = stops['\\'] = true;
  return stops;
}();

// Builds the value while it reads, from bytes that are UTF-8 without a NUL, and stops at the first thing that is not admitted. Recursion is
// bounded by the limit on depth.
class Reader {
 public:
  Reader(std::string_view bytes, const Limits& limits) : begin_(bytes.data()), at_(begin_), end_(begin_ + bytes.size()), limits_(limits) {}

  bool read(json& root) {
    if (!read_value(root, 0)) return false;
    skip_space();
    return at_ == end_ || malformed();
  }
  base::Refusal take_refusal() { return std::move(refusal_); }

 private:
  bool fail(const char* where, const char* code, const std::string& detail) {
    refusal_ = {code, detail + place(static_cast<std::size_t>(where - begin_))};
    return false;
  }
  bool malformed() { return fail(at_, "json_malformed", "not JSON"); }
  bool half_surrogate() { return fail(at_, "json_utf8_invalid", "an escape is half of a surrogate pair"); }
  bool beyond_64_bits(const char* number) { return fail(number, "json_number_out_of_range", "a number does not fit into 64 bits"); }

  void skip_space() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\t' || *at_ == '\r')) ++at_;
  }
  bool next_is(char c) {
    skip_space();
    return at_ != end_ && *at_ == c;
  }
  bool take(char c) {
    if (!next_is(c)) return false;
    ++at_;
    return true;
  }

  bool read_value(json& value, std::size_t depth) {
    skip_space();
    if (at_ == end_) return malformed();
    switch (*at_) {
      case '{':
        return read_object(value, depth + 1);
      case '[':
        return read_array(value, depth + 1);
      case '"':
        value = json::value_t::string;
        return read_text(value.get_ref<std::string&>());
      case 't':
        return read_word("true", true, value);
      case 'f':
        return read_word("false", false, value);
      case 'n':
        return read_word("null", nullptr, value);
      default:
        return read_number(value);
    }
  }

  bool read_word(std::string_view word, json meaning, json& value) {
    if (!std::string_view(at_, static_cast<std::size_t>(end_ - at_)).starts_with(word)) return malformed();
    at_ += word.size();
    value = std::move(meaning);
    return true;
  }

  bool enter(std::size_t depth) {
    const char* bracket = at_++;
    return depth <= limits_.depth || fail(bracket, "json_too_deep", "nested more than " + std::to_string(limits_.depth) + " levels deep");
  }

  bool read_object(json& value, std::size_t depth) {
    if (!enter(depth)) return false;
    value = json::value_t::object;
    auto& members = value.get_ref<json::object_t&>();
    if (take('}')) return true;
    do {
      json* member = nullptr;
      if (!read_name(members, member)) return false;
      if (!take(':')) return malformed();
      if (!read_value(*member, depth)) return false;
    } while (take(','));
    return take('}') || malformed();
  }

  // Canonical objects come in the order in which they are kept: the end is the right place then.
  bool read_name(json::object_t& members, json*& member) {
    if (!next_is('"')) return malformed();
    const char* opening = at_;
    std::string name;
    if (!read_text(name)) return false;
    const auto before = members.size();
    const auto placed = members.try_emplace(members.end(), std::move(name));
    if (members.size() == before)
      return fail(opening, "json_key_duplicate", "an object has two members named \"" + placed->first.substr(0, most_name_shown) + "\"");
    member = &placed->second;
    return true;
  }

  bool read_array(json& value, std::size_t depth) {
    if (!enter(depth)) return false;
    value = json::value_t::array;
    auto& items = value.get_ref<json::array_t&>();
    if (take(']')) return true;
    do {
      if (!read_value(items.emplace_back(), depth)) return false;
    } while (take(','));
    return take(']') || malformed();
  }

  // At its opening quote.
  bool read_text(std::string& text) {
    const char* opening = at_++;
    for (;;) {
      const char* run = at_;
      while (at_ != end_ && !text_stops[static_cast<unsigned char>(*at_)]) ++at_;
      text.append(run, at_);
      if (at_ == end_ || (*at_ != '"' && *at_ != '\\')) return malformed();
      if (*at_++ == '"') return admit(text, opening);
      if (!read_escape(text)) return false;
    }
  }

  bool admit(const std::string& text, const char* opening) {
    if (text.size() > limits_.string_bytes)
      return fail(opening, "json_string_too_long", "a text has more than " + std::to_string(limits_.string_bytes) + " bytes");
    if (text.find('\0') != std::string::npos) return fail(opening, "json_nul", "a text contains the character NUL");
    return true;
  }

  // Behind its backslash.
  bool read_escape(std::string& text) {
    static constexpr std::string_view letters = "\"\\/bfnrt", meanings = "\"\\/\b\f\n\r\t";
    if (at_ == end_) return malformed();
    const char letter = *at_++;
    if (letter == 'u') return read_escaped_character(text);
    const auto known = letters.find(letter);
    if (known == std::string_view::npos) return malformed();
    text.push_back(meanings[known]);
    return true;
  }

  bool read_escaped_character(std::string& text) {
    std::uint32_t unit = 0, second = 0;
    if (!read_unit(unit)) return false;
    if (low_surrogate(unit)) return half_surrogate();
    if (high_surrogate(unit)) {
      if (end_ - at_ < 2 || at_[0] != '\\' || at_[1] != 'u') return half_surrogate();
      at_ += 2;
      if (!read_unit(second)) return false;
      if (!low_surrogate(second)) return half_surrogate();
      unit = 0x10000 + ((unit - 0xD800) << 10) + (second - 0xDC00);
    }
    append_utf8(unit, text);
    return true;
  }

  bool read_unit(std::uint32_t& unit) {
    for (int i = 0; i < 4; ++i, ++at_) {
      const int value = at_ == end_ ? -1 : hex_value(*at_);
      if (value < 0) return malformed();
      unit = unit << 4 | static_cast<std::uint32_t>(value);
    }
    return true;
  }

  bool skip_digits() {
    const char* first = at_;
    while (at_ != end_ && digit(*at_)) ++at_;
    return at_ != first;
  }

  bool read_number(json& value) {
    const char* first = at_;
    if (*at_ == '-') ++at_;
    const bool zero = at_ != end_ && *at_ == '0';
    if (zero) ++at_;
    if (skip_digits() == zero) return malformed();  // nothing follows a leading zero, and something must be there
    bool whole = true;
    if (at_ != end_ && *at_ == '.') {
      whole = false;
      ++at_;
      if (!skip_digits()) return malformed();
    }
    if (at_ != end_ && (*at_ == 'e' || *at_ == 'E')) {
      whole = false;
      ++at_;
      if (at_ != end_ && (*at_ == '+' || *at_ == '-')) ++at_;
      if (!skip_digits()) return malformed();
    }
    return whole ? keep_integer({first, at_}, value) : keep_float({first, at_}, value);
  }

  // A minus zero is an integer nowhere else.
  bool keep_integer(std::string_view spelling, json& value) {
    if (spelling == "-0" && !limits_.floats) return fail(spelling.data(), "json_float_refused", "-0 is not an integer");
    std::int64_t number = 0;
    if (std::from_chars(spelling.data(), spelling.data() + spelling.size(), number).ec != std::errc{})
      return beyond_64_bits(spelling.data());
    value = number;
    return true;
  }

  bool keep_float(std::string_view spelling, json& value) {
    const double number = std::strtod(std::string(spelling).c_str(), nullptr);  // which knows numbers that are too small from too large
    if (!std::isfinite(number)) return beyond_64_bits(spelling.data());
    if (!limits_.floats) return fail(spelling.data(), "json_float_refused", "a number has a fraction or an exponent");
    value = number;
    return true;
  }

  const char* begin_;
  const char* at_;
  const char* end_;
  const Limits& limits_;
  base::Refusal refusal_;
};

std::optional<base::Refusal> refuse_bytes(std::string_view bytes, const Limits& limits) {
  if (bytes.size() > limits.bytes)
    return base::Refusal{"json_too_large",
                         "the value has " + std::to_string(bytes.size()) + " bytes, at most " + std::to_string(limits.bytes) + " are read"};
  if (bytes.find_first_not_of(" \t\r\n") == std::string_view::npos) return base::Refusal{"json_empty", "the value is empty"};
  if (const auto nul = bytes.find('\0'); nul != std::string_view::npos)
    return base::Refusal{"json_nul", "the value contains the character NUL" + place(nul)};
  if (const auto fine = utf8_length(bytes); fine < bytes.size())
    return base::Refusal{"json_utf8_invalid", "the value is not UTF-8" + place(fine)};
  if (bytes.starts_with("\xEF\xBB\xBF")) return base::Refusal{"json_malformed", "the value begins with a byte order mark" + place(0)};
  return std::nullopt;
}

}  // namespace

base::Result<nlohmann::json> read_json(std::string_view bytes, const Limits& limits) {
  if (auto refusal = refuse_bytes(bytes, limits)) return tl::unexpected(std::move(*refusal));
  base::Result<nlohmann::json> value;
  Reader reader(bytes, limits);
  if (!reader.read(*value)) return tl::unexpected(reader.take_refusal());
  return value;
}

base::Result<Json> read_shared_json(std::string_view bytes, const Limits& limits) {
  auto value = read_json(bytes, limits);
  if (!value) return tl::unexpected(std::move(value.error()));
  return Json(std::move(*value));
}

}  // namespace countersign::contracts
