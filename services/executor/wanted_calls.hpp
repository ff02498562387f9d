#pragma once

// find_wanted: asks the database, just before the first byte, which calls it still wants: their claim stands, their run is not stopping,
// and the configuration is still the one that allowed them.
//
// Failure    Throws what Session throws.

#include <vector>

#include "executor/tool_call.hpp"
#include "postgres/session.hpp"

namespace countersign::executor {

// In the order of the calls.
std::vector<bool> find_wanted(const std::vector<const ToolCall*>& calls, postgres::Session& session);

}  // namespace countersign::executor
