#pragma once

// Origin: where a value came from, best to worst. Text by strangers and by models is never better than where it came from, however
// often it is passed on.

#include <algorithm>
#include <array>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "domain/named_enum.hpp"

namespace countersign::domain {

enum class Origin { system_of_record, verified_field, constant, customer_text, tool_text, model };

template <>
struct EnumNames<Origin> {
  static constexpr std::array names{std::string_view("system_of_record"), std::string_view("verified_field"), std::string_view("constant"),
                                    std::string_view("customer_text"),    std::string_view("tool_text"),      std::string_view("model")};
};

constexpr Origin worst(Origin a, Origin b) { return std::max(a, b); }

// The origin of a part of a tool's answer. A trusted part is as good as the worst argument of the call that read it: whoever chose the
// record chose what it says.
constexpr Origin evidence_origin(Origin worst_argument, bool trusted) {
  return worst(worst_argument, trusted ? Origin::system_of_record : Origin::tool_text);
}

// Origins by JSON pointer. What is not listed has the origin of its nearest listed ancestor.
using OriginMap = std::map<std::string, Origin, std::less<>>;

Origin origin_at(const OriginMap& origins, std::string_view pointer, Origin otherwise);
Origin worst_of(const OriginMap& origins, Origin otherwise = Origin::system_of_record);

// Which origins a manifest accepts for each argument, by pointer; an entry covers what lies below it.
using AcceptedOrigins = std::map<std::string, std::vector<Origin>, std::less<>>;

// One refusal `origin_not_accepted` per argument whose origin is not accepted, or that the manifest does not list at all. What is listed
// below an argument is held against it too, whether or not the argument has such a member.
std::vector<base::Refusal> check_origins(const AcceptedOrigins& accepted, const OriginMap& actual);

}  // namespace countersign::domain
