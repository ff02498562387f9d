#pragma once

// What the executor owns: its schema and the topics it may read and write. The order is that of the slots in its first migration.

#include "pipeline/territory.hpp"

namespace countersign::executor {

const pipeline::Territory& territory();

}  // namespace countersign::executor
