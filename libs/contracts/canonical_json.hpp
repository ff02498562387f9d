#pragma once

// canonical_json: the one spelling of a JSON value, over which digests are made.
//
// RFC 8785 (JSON Canonicalization Scheme) for values whose numbers are integers within ±(2^53 − 1): no white space, members sorted by
// the UTF-16 code units of their names, strings escaped as little as JSON allows.
//
// Failure    Refuses with canonical_number for any other number, canonical_depth past 64 levels, canonical_utf8 for text that is not UTF-8.

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "base/result.hpp"

namespace countersign::contracts {

base::Result<std::string> canonical_json(const nlohmann::json& value);

}  // namespace countersign::contracts
