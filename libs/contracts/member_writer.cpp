#include "contracts/member_writer.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>

#include "contracts/canonical_writer.hpp"
#include "contracts/parts.hpp"

namespace countersign::contracts {

// From the end, where most names belong.
MemberWriter& MemberWriter::keep(const char* name, std::size_t from) {
  const std::string_view fresh(name);
  const Member member{name, from, values_.size()};
  auto place = members_.end();
  while (place != members_.begin() && fresh < std::prev(place)->name) --place;
  if (place != members_.begin() && fresh == std::prev(place)->name)
    *std::prev(place) = member;
  else
    members_.insert(place, member);
  return *this;
}

MemberWriter& MemberWriter::put(const char* name, const std::string& text) {
  const std::size_t from = values_.size();
  append_text(text, values_);
  return keep(name, from);
}

MemberWriter& MemberWriter::put(const char* name, std::int64_t number) {
  const std::size_t from = values_.size();
  append_number(number, values_);
  return keep(name, from);
}

MemberWriter& MemberWriter::put(const char* name, bool yes) {
  const std::size_t from = values_.size();
  values_.append(yes ? "true" : "false");
  return keep(name, from);
}

MemberWriter& MemberWriter::put(const char* name, const std::vector<std::string>& texts) {
  const std::size_t from = values_.size();
  values_.push_back('[');
  for (const auto& text : texts) {
    if (&text != &texts.front()) values_.push_back(',');
    append_text(text, values_);
  }
  values_.push_back(']');
  return keep(name, from);
}

MemberWriter& MemberWriter::put(const char* name, const Json& value) { return part(name, value.value()); }
MemberWriter& MemberWriter::put(const char* name, const base::Uuid& id) { return put(name, id.str()); }
MemberWriter& MemberWriter::put(const char* name, const base::Money& money) { return part(name, write_part(money)); }

MemberWriter& MemberWriter::part(const char* name, const MemberWriter& object) {
  const std::size_t from = values_.size();
  object.append_to(values_);
  return keep(name, from);
}

MemberWriter& MemberWriter::part(const char* name, const nlohmann::json& value) {
  const std::size_t from = values_.size();
  append_json(value, values_);
  return keep(name, from);
}

MemberWriter& MemberWriter::spelled(const char* name, std::string_view value) {
  const std::size_t from = values_.size();
  values_.append(value);
  return keep(name, from);
}

std::string MemberWriter::text() const {
  std::string text;
  text.reserve(values_.size() + 24 * members_.size() + 2);
  append_to(text);
  return text;
}

void MemberWriter::append_to(std::string& text) const {
  text.push_back('{');
  for (const auto& [name, from, to] : members_) {
    if (name != members_.front().name) text.push_back(',');
    text.append("\"").append(name).append("\":");
    text.append(values_, from, to - from);
  }
  text.push_back('}');
}

}  // namespace countersign::contracts
