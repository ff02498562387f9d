#pragma once

// Handoff: a ticket given to people.
//
// Threads    A plain value; belongs to the batch it was loaded in.

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/uuid.hpp"
#include "contracts/messages.hpp"
#include "domain/handoff_priority.hpp"

namespace countersign::approval {

struct Handoff {
  std::string tenant;
  std::string ticket_id;
  base::Uuid id;
  std::string state = "open";  // open | claimed | resolved | returned
  std::int64_t run = 0;        // 0: the ticket ended without one
  std::string reason;
  std::vector<std::string> codes;
  domain::HandoffPriority priority = domain::HandoffPriority::normal;
  std::string summary;
  std::vector<contracts::EffectSummary> effects;
  base::Uuid referral_id;  // of the message that opened it
  base::WallTime opened_at{};

  std::string key() const { return tenant + "/" + ticket_id; }
};

}  // namespace countersign::approval
