#pragma once

// What the outbox service owns: its schema and the topics it may read and write. The order is that of the slots in its first migration.

#include "pipeline/territory.hpp"

namespace countersign::outbox {

const pipeline::Territory& territory();

}  // namespace countersign::outbox
