#pragma once

// What the planner owns: its schema and the topics it may read and write. The order is that of the slots in its first migration.

#include "pipeline/territory.hpp"

namespace countersign::planner {

inline pipeline::Territory territory() { return {"planner", pipeline::source_of("planner"), {"tickets", "steps"}, {"plans"}}; }

}  // namespace countersign::planner
