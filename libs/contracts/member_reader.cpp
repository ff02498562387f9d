#include "contracts/member_reader.hpp"

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "contracts/message_key.hpp"
#include "contracts/text_rules.hpp"

namespace countersign::contracts {

namespace {

using Members = nlohmann::json::object_t;

constexpr std::size_t most_codes = 32;

std::string text_bounds(std::size_t least, std::size_t most) {
  return "a text of " + std::to_string(least) + " to " + std::to_string(most) + " characters";
}

std::string take_text(nlohmann::json& member) { return std::move(member.get_ref<std::string&>()); }

}  // namespace

MemberReader::MemberReader(nlohmann::json& object, std::string path, Mistake& mistake)
    : object_(object.is_object() ? &object : nullptr), path_(std::move(path)), mistake_(&mistake) {
  if (object_ == nullptr) mistake_->note("member_invalid", (path_.empty() ? "the data" : path_) + " is not an object");
}

bool MemberReader::has(const char* name) const {
  return object_ != nullptr && object_->get_ref<const Members&>().contains(std::string_view(name));
}

nlohmann::json* MemberReader::find(const char* name) {
  if (!intact()) return nullptr;
  auto& members = object_->get_ref<Members&>();
  const auto member = members.find(std::string_view(name));
  if (member != members.end()) return &member->second;
  mistake_->note("member_missing", at(name) + " is missing");
  return nullptr;
}

void MemberReader::refuse(const char* name, const std::string& expected) {
  mistake_->note("member_invalid", at(name) + " is not " + expected);
}

std::string MemberReader::ruled(const char* name, Rule rule, const char* expected) {
  auto* member = find(name);
  if (member == nullptr) return {};
  if (member->is_string() && rule(member->get_ref<const std::string&>())) return take_text(*member);
  refuse(name, expected);
  return {};
}

std::string MemberReader::id(const char* name) { return ruled(name, valid_id, "1 to 128 visible ASCII characters without a slash"); }
std::string MemberReader::code(const char* name) { return ruled(name, valid_code, "a code in snake_case"); }

std::string MemberReader::word(const char* name, Words words) {
  auto* member = find(name);
  if (member == nullptr) return {};
  if (member->is_string() && std::find(words.begin(), words.end(), member->get_ref<const std::string&>()) != words.end())
    return take_text(*member);
  refuse(name, "one of its words");
  return {};
}

std::string MemberReader::text(const char* name, std::size_t least, std::size_t most) {
  auto* member = find(name);
  if (member == nullptr) return {};
  if (member->is_string()) {
    const auto length = code_points(member->get_ref<const std::string&>());
    if (length >= least && length <= most) return take_text(*member);
  }
  refuse(name, text_bounds(least, most));
  return {};
}

std::int64_t MemberReader::integer(const char* name, std::int64_t least, std::int64_t most) {
  const auto* member = find(name);
  if (member == nullptr) return 0;
  if (exact_integer(*member)) {
    const auto value = member->get<std::int64_t>();
    if (value >= least && value <= most) return value;
  }
  refuse(name, "an integer from " + std::to_string(least) + " to " + std::to_string(most));
  return 0;
}

std::int64_t MemberReader::count(const char* name, std::int64_t least) { return integer(name, least, most_exact_integer); }

bool MemberReader::boolean(const char* name) {
  const auto* member = find(name);
  if (member == nullptr) return false;
  if (member->is_boolean()) return member->get<bool>();
  refuse(name, "true or false");
  return false;
}

Json MemberReader::free_object(const char* name, std::size_t depth) {
  auto* member = find(name);
  if (member == nullptr) return Json::object();
  if (member->is_object() && valid_free_json(*member, depth)) return Json(std::move(*member));
  refuse(name, "an object at most " + std::to_string(depth) + " levels deep with integers within 2^53 - 1 of zero");
  return Json::object();
}

Json MemberReader::free_value(const char* name, std::size_t depth) {
  auto* member = find(name);
  if (member == nullptr) return {};
  if (valid_free_json(*member, depth)) return Json(std::move(*member));
  refuse(name, "a value at most " + std::to_string(depth) + " levels deep with integers within 2^53 - 1 of zero");
  return {};
}

template <typename Fine>
std::vector<std::string> MemberReader::list(const char* name, std::size_t most, Fine fine, const std::string& expected) {
  auto* member = find(name);
  if (member == nullptr) return {};
  const auto fits = [&](const nlohmann::json& item) { return item.is_string() && fine(item.get_ref<const std::string&>()); };
  std::vector<std::string> texts;
  if (member->is_array() && member->size() <= most && std::all_of(member->begin(), member->end(), fits))
    std::transform(member->begin(), member->end(), std::back_inserter(texts), take_text);
  else
    refuse(name, "a list of at most " + std::to_string(most) + ", each " + expected);
  return texts;
}

std::vector<std::string> MemberReader::ruled_list(const char* name, std::size_t most, Rule rule, const char* expected) {
  return list(name, most, rule, expected);
}

std::vector<std::string> MemberReader::codes(const char* name) { return list(name, most_codes, valid_code, "a code in snake_case"); }

std::vector<std::string> MemberReader::texts(const char* name, std::size_t most_items, std::size_t least, std::size_t most) {
  const auto fits = [&](const std::string& text) { return code_points(text) >= least && code_points(text) <= most; };
  return list(name, most_items, fits, text_bounds(least, most));
}

std::map<std::string, std::string> MemberReader::code_map(const char* name, std::size_t most, std::size_t most_name) {
  std::map<std::string, std::string> codes;
  MemberReader inner = object(name);
  if (!inner.intact()) return codes;
  if (inner.object_->size() > most) refuse(name, "an object of at most " + std::to_string(most) + " members");
  for (const auto& [key, member] : inner.object_->items()) {
    if (code_points(key) > most_name) refuse(name, "an object with names of at most " + std::to_string(most_name) + " characters");
    codes.emplace(key, inner.code(key.c_str()));
  }
  return codes;
}

base::Uuid MemberReader::uuid(const char* name) { return base::Uuid::parse(ruled(name, valid_uuid, "a UUID")).value_or(base::Uuid{}); }

std::string MemberReader::time(const char* name) { return ruled(name, valid_time, "an RFC 3339 time"); }
std::string MemberReader::digest(const char* name) { return ruled(name, valid_digest, "64 hexadecimal digits in lower case"); }
std::string MemberReader::name(const char* name) { return ruled(name, valid_name, "a name"); }

void MemberReader::only(Words names) {
  if (!intact()) return;
  for (const auto& [name, member] : object_->items())
    if (std::find(names.begin(), names.end(), name) == names.end())
      mistake_->note("claim_unknown", at(name.substr(0, 64).c_str()) + " is none of the members that may be here");
}

base::Money MemberReader::money(const char* name) {
  MemberReader amount = object(name);
  const std::string minor = amount.ruled("minor", valid_minor, "a whole number of minor units as text");
  base::Money money;
  money.currency = amount.ruled("currency", valid_currency, "a currency of three capital letters");
  if (const auto parsed = base::parse_minor(minor)) money.minor = *parsed;
  return money;
}

MemberReader MemberReader::object(const char* name) {
  auto* member = find(name);
  return member != nullptr ? MemberReader(*member, at(name), *mistake_) : MemberReader(Nothing{}, at(name), *mistake_);
}

std::vector<MemberReader> MemberReader::objects(const char* name, std::size_t most) {
  std::vector<MemberReader> readers;
  auto* member = find(name);
  if (member == nullptr) return readers;
  if (!member->is_array() || member->size() > most) {
    refuse(name, "a list of at most " + std::to_string(most));
    return readers;
  }
  for (std::size_t i = 0; i < member->size(); ++i) readers.emplace_back((*member)[i], at(name) + "/" + std::to_string(i), *mistake_);
  return readers;
}

}  // namespace countersign::contracts
