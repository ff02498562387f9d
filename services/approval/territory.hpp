#pragma once

// What the approval service owns: its schema and the topics it may read and write. The order is that of the slots in its first migration.

#include "pipeline/territory.hpp"

namespace countersign::approval {

inline pipeline::Territory territory() {
  return {"approval", pipeline::source_of("approval"), {"referrals", "decisions"}, {"approvals", "handoffs", "verdicts", "notices"}};
}

}  // namespace countersign::approval
