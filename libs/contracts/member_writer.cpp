#include "contracts/member_writer.hpp"

#include <nlohmann/json.hpp>

#include "contracts/canonical_writer.hpp"
#include "contracts/parts.hpp"

namespace countersign::contracts {

using nlohmann::json;

MemberWriter::MemberWriter() : object_(std::make_unique<json>(json::object())) {}
MemberWriter::~MemberWriter() = default;
MemberWriter::MemberWriter(MemberWriter&&) noexcept = default;

MemberWriter& MemberWriter::part(const char* name, json&& value) {
  (*object_)[name] = std::move(value);
  return *this;
}

MemberWriter& MemberWriter::put(const char* name, const std::string& text) { return part(name, text); }
MemberWriter& MemberWriter::put(const char* name, std::int64_t number) { return part(name, number); }
MemberWriter& MemberWriter::put(const char* name, bool yes) { return part(name, yes); }
MemberWriter& MemberWriter::put(const char* name, const Json& value) { return part(name, json(value.value())); }
MemberWriter& MemberWriter::put(const char* name, const base::Uuid& id) { return part(name, id.str()); }
MemberWriter& MemberWriter::put(const char* name, const base::Money& money) { return part(name, write_part(money)); }
MemberWriter& MemberWriter::put(const char* name, const std::vector<std::string>& texts) { return part(name, texts); }

json MemberWriter::take() { return std::exchange(*object_, json::object()); }
std::string MemberWriter::text() const { return write_json(*object_); }

}  // namespace countersign::contracts
