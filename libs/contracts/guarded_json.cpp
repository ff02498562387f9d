#include "contracts/guarded_json.hpp"

#include <limits>
#include <nlohmann/json.hpp>
#include <vector>

#include "contracts/text_rules.hpp"

namespace countersign::contracts {

namespace {

using nlohmann::json;

// Builds the value while it is being read, and stops at the first thing that is not admitted.
class Builder final : public nlohmann::json_sax<json> {
 public:
  explicit Builder(const Limits& limits) : limits_(limits) {}

  json take_value() { return std::move(root_); }
  const base::Refusal& refusal() const { return refusal_; }

  bool null() override { return place(nullptr); }
  bool boolean(bool value) override { return place(value); }

  // Called for numbers with a minus sign only; a minus zero is an integer nowhere else.
  bool number_integer(number_integer_t value) override {
    if (value == 0 && !limits_.floats) return fail("json_float_refused", "-0 is not an integer");
    return place(value);
  }

  bool number_unsigned(number_unsigned_t value) override {
    if (value > static_cast<number_unsigned_t>(std::numeric_limits<std::int64_t>::max())) return fail_number();
    return place(static_cast<std::int64_t>(value));
  }

  // Integers beyond 64 bits arrive here too; only their spelling tells.
  bool number_float(number_float_t value, const string_t& spelling) override {
    if (spelling.find_first_of(".eE") == string_t::npos) return fail_number();
    if (!limits_.floats) return fail("json_float_refused", "a number has a fraction or an exponent");
    return place(value);
  }

  bool string(string_t& value) override { return admit(value) && place(std::move(value)); }
  bool binary(binary_t&) override { return fail("json_malformed", "binary values are not JSON"); }

  bool start_object(std::size_t) override { return open(json::object()); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(json::array()); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    if (!admit(name)) return false;
    const auto [member, fresh] = open_.back()->get_ref<json::object_t&>().try_emplace(std::move(name));
    if (!fresh) return fail("json_key_duplicate", "an object has two members named \"" + member->first.substr(0, 64) + "\"");
    member_ = &member->second;
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& error) override {
    const std::string what = error.what();
    if (error.id == 406) return fail_number();
    if (what.find("surrogate") != std::string::npos)
      return fail("json_utf8_invalid", "an escape is half of a surrogate pair" + at(position));
    return fail("json_malformed", "not JSON" + at(position));
  }

 private:
  static std::string at(std::size_t position) { return ", at byte " + std::to_string(position); }

  bool fail(const char* code, std::string detail) {
    if (refusal_.code.empty()) refusal_ = {code, std::move(detail)};
    return false;
  }
  bool fail_number() { return fail("json_number_out_of_range", "a number does not fit into 64 bits"); }

  bool admit(const std::string& text) {
    if (text.size() > limits_.string_bytes)
      return fail("json_string_too_long", "a text has more than " + std::to_string(limits_.string_bytes) + " bytes");
    if (text.find('\0') != std::string::npos) return fail("json_nul", "a text contains the character NUL");
    return true;
  }

  json* put(json&& value) {
    if (open_.empty()) return &(root_ = std::move(value));
    if (open_.back()->is_object()) return &(*member_ = std::move(value));
    auto& array = open_.back()->get_ref<json::array_t&>();
    array.push_back(std::move(value));
    return &array.back();
  }

  bool place(json value) {
    put(std::move(value));
    return true;
  }

  bool open(json&& container) {
    if (open_.size() == limits_.depth) return fail("json_too_deep", "nested more than " + std::to_string(limits_.depth) + " levels deep");
    open_.push_back(put(std::move(container)));
    return true;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  const Limits& limits_;
  json root_;
  std::vector<json*> open_;  // an array grows only while it is the innermost, so that pointers to its children have been dropped by then
  json* member_ = nullptr;
  base::Refusal refusal_;
};

std::optional<base::Refusal> refuse_bytes(std::string_view bytes, const Limits& limits) {
  if (bytes.size() > limits.bytes)
    return base::Refusal{"json_too_large",
                         "the value has " + std::to_string(bytes.size()) + " bytes, at most " + std::to_string(limits.bytes) + " are read"};
  if (bytes.find_first_not_of(" \t\r\n") == std::string_view::npos) return base::Refusal{"json_empty", "the value is empty"};
  // The parser takes a NUL byte for the end of its input and would not look behind it.
  if (const auto nul = bytes.find('\0'); nul != std::string_view::npos)
    return base::Refusal{"json_nul", "a NUL at byte " + std::to_string(nul)};
  if (!valid_utf8(bytes)) return base::Refusal{"json_utf8_invalid", "the value is not UTF-8"};
  if (bytes.starts_with("\xEF\xBB\xBF")) return base::Refusal{"json_malformed", "the value begins with a byte order mark"};
  return std::nullopt;
}

}  // namespace

base::Result<nlohmann::json> read_json(std::string_view bytes, const Limits& limits) {
  if (auto refusal = refuse_bytes(bytes, limits)) return tl::unexpected(std::move(*refusal));
  Builder builder(limits);
  if (!json::sax_parse(bytes.begin(), bytes.end(), &builder)) return tl::unexpected(builder.refusal());
  return builder.take_value();
}

base::Result<Json> read_shared_json(std::string_view bytes, const Limits& limits) {
  auto value = read_json(bytes, limits);
  if (!value) return tl::unexpected(std::move(value.error()));
  return Json(std::move(*value));
}

}  // namespace countersign::contracts
