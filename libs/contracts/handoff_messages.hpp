#pragma once

// Tickets that people take over: referred by the executor, opened by approval.

#include <cstdint>
#include <string>
#include <vector>

#include "base/uuid.hpp"
#include "contracts/run_messages.hpp"

namespace countersign::contracts {

struct ReferralHandoff {
  std::string tenant{};
  std::string ticket_id{};
  std::int64_t run = 0;
  std::string reason{};  // a code
  std::vector<std::string> codes{};
  std::string priority{};  // low | normal | high | urgent
  std::string summary{};
  std::vector<EffectSummary> effects{};
  friend bool operator==(const ReferralHandoff&, const ReferralHandoff&) = default;
};

struct HandoffOpened {
  std::string tenant{};
  std::string ticket_id{};
  base::Uuid handoff_id{};
  std::int64_t run = 0;
  std::string reason{};
  std::vector<std::string> codes{};
  std::string priority{};
  std::string summary{};
  std::vector<EffectSummary> effects{};
  std::string opened_at{};  // RFC 3339
  friend bool operator==(const HandoffOpened&, const HandoffOpened&) = default;
};

}  // namespace countersign::contracts
