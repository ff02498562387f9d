#pragma once

// Approval: what people are asked about one step, and what they answered, as the executor keeps it beside the step.
//
// The action and the requirement are what the digests in the countersignature stand for; the row is their only source when they are
// checked.
//
// Threads    A plain value; belongs to the batch it was loaded in.

#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/uuid.hpp"
#include "contracts/json.hpp"
#include "domain/approval_stage.hpp"

namespace countersign::executor {

struct Approval {
  base::Uuid id;
  std::int32_t run = 0;
  std::int32_t step = 0;
  int asked = 1;  // how often people were asked about this step, this time included
  domain::ApprovalStage stage = domain::ApprovalStage::previewing;
  contracts::Json action;
  std::string action_digest;
  contracts::Json requirement;
  std::string requirement_digest;
  contracts::Json shown;         // to be written; null otherwise: it is not read with the case
  std::string holder_state;      // of the effect that had the operation key when people were asked; empty: none. Read, never written
  std::string drift_digest;      // empty: the tool has no preview
  std::string countersignature;  // empty until granted
  std::string jti;               // of it
  std::optional<base::WallTime> cleared_until;
  int renewals = 0;
  int looks = 0;  // reads of the target that failed in a row
  base::WallTime requested_at{};
  std::optional<base::WallTime> due_at;  // when the target is to be read
  std::optional<base::Uuid> token;       // of the read under way
  std::optional<base::WallTime> lease_until;
  bool changed = false;
  bool fresh = false;

  bool looks_at_target() const noexcept { return !drift_digest.empty(); }
};

}  // namespace countersign::executor
