#pragma once

// Headers as one flat JSON object of strings: {"ce_id": "…", "ce_type": "…"}, for the outbox column that change-data-capture tools read.

#include <string>

#include "base/headers.hpp"

namespace countersign::contracts {

// Of our own messages: names are unique and values UTF-8 (what is not is replaced).
std::string headers_to_json(const base::Headers& headers);

}  // namespace countersign::contracts
