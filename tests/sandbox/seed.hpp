#pragma once

// Seed: what the systems of record know at the start, or learn later.

#include <string_view>

#include "sandbox/sandbox.hpp"

namespace countersign::sandbox {

// Reads {"tenants":{NAME:{"customers":[…],"records":{COLLECTION:[…]},"orders":[…],"payments":[…],"generate":{…}}}}; README.md has the
// members. Refuses `malformed_body` and what OrderBook refuses; what came before the mistake stays.
base::Result<void> add_seed(std::string_view document, Sandbox& sandbox);

}  // namespace countersign::sandbox
