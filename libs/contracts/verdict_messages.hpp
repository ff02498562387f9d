#pragma once

// Decisions on their way in, verdicts on their way to the executor.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/uuid.hpp"
#include "contracts/approval_messages.hpp"

namespace countersign::contracts {

// From outside: believed only for what the signed decision inside says.
struct DecisionSubmitted {
  std::string tenant{};
  std::string ticket_id{};
  base::Uuid approval_id{};
  std::string decision{};  // JWS of DecisionClaims
  friend bool operator==(const DecisionSubmitted&, const DecisionSubmitted&) = default;
};

struct VerdictGranted {
  std::string tenant{};
  std::string ticket_id{};
  base::Uuid approval_id{};
  std::int64_t run = 0;
  std::int64_t step = 0;
  std::string action_digest{};
  std::string requirement_digest{};
  std::string countersignature{};  // JWS of CountersignatureClaims
  std::vector<DecidingPerson> people{};
  friend bool operator==(const VerdictGranted&, const VerdictGranted&) = default;
};

// verdict.denied, .changes_requested, .expired, .withdrawn: the same shape; `end` is the word after the dot.
struct VerdictEnded {
  std::string end{};
  std::string tenant{};
  std::string ticket_id{};
  base::Uuid approval_id{};
  std::int64_t run = 0;
  std::int64_t step = 0;
  std::string action_digest{};
  std::vector<DecidingPerson> people{};
  std::vector<std::string> codes{};
  std::optional<std::string> reason{};  // present for denied
  std::optional<std::string> text{};    // present for changes_requested: what the person asks for
  friend bool operator==(const VerdictEnded&, const VerdictEnded&) = default;
};

}  // namespace countersign::contracts
