#pragma once

// JSON ↔ domain::Value, the form in which rules see it.
//
// An object with exactly {minor: canonical integer text, currency: three capitals} becomes Money; any other near-miss stays an object. A
// number with a fraction, which only a tool's answer can contain, becomes its text: it equals and exceeds no integer.
//
// Threads    Any thread. Recursive: the value must have come through read_json().

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "contracts/json.hpp"
#include "domain/value.hpp"

namespace countersign::contracts {

domain::Value to_value(const nlohmann::json& json);
domain::Value to_value(const Json& json);

// Money becomes {minor, currency}; a time its RFC 3339 text.
nlohmann::json to_json(const domain::Value& value);
Json to_shared_json(const domain::Value& value);

}  // namespace countersign::contracts
