#pragma once

// What the executor says on `steps` and `outcomes`: how steps and runs went.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/money.hpp"
#include "contracts/json.hpp"
#include "contracts/plan_messages.hpp"

namespace countersign::contracts {

struct StepSucceeded {
  std::string tenant{};
  std::string ticket_id{};
  std::int64_t run = 0;
  std::int64_t step = 0;
  std::string name{};
  std::string tool{};
  std::int64_t ticket_version = 0;
  Json result = Json::object();  // redacted and capped
  friend bool operator==(const StepSucceeded&, const StepSucceeded&) = default;
};

// step.failed, .unknown, .denied, .withdrawn, .rejected, .expired, .changes_requested: the same shape; `end` is the word after the dot.
struct StepEnded {
  std::string end{};  // failed | unknown | denied | withdrawn | rejected | expired | changes_requested
  std::string tenant{};
  std::string ticket_id{};
  std::int64_t run = 0;
  std::int64_t step = 0;  // 0 when a whole plan was rejected
  std::optional<std::string> name{};
  std::optional<std::string> tool{};
  std::int64_t ticket_version = 0;
  std::vector<std::string> codes{};
  std::optional<std::string> text{};  // what the person asks for; present exactly for changes_requested
  friend bool operator==(const StepEnded&, const StepEnded&) = default;
};

struct EffectSummary {
  std::int64_t run = 0;
  std::int64_t step = 0;
  std::string tool{};
  std::string state{};  // ready | claimed | succeeded | failed | unknown | compensated
  std::optional<std::string> target{};
  std::optional<base::Money> amount{};
  std::optional<std::string> operation{};
  friend bool operator==(const EffectSummary&, const EffectSummary&) = default;
};

struct RunStopped {
  std::string tenant{};
  std::string ticket_id{};
  std::int64_t run = 0;
  std::int64_t ticket_version = 0;
  std::string stop_reason{};  // resolved | draft_ready | denied | escalated | failed | cancelled | superseded
  std::vector<std::string> codes{};
  std::vector<EffectSummary> effects{};
  friend bool operator==(const RunStopped&, const RunStopped&) = default;
};

// ticket.resolved, .drafted, .denied, .escalated, .failed, .cancelled: the type follows from `stop_reason` (type_of in codec.hpp).
struct Outcome {
  std::string tenant{};
  std::string ticket_id{};
  std::int64_t run = 0;  // 0 when the ticket ended without a run
  std::int64_t ticket_version = 0;
  std::string stop_reason{};  // resolved | draft_ready | denied | escalated | failed | cancelled
  std::vector<std::string> codes{};
  std::optional<Resolution> resolution{};
  std::vector<EffectSummary> effects{};
  std::optional<bool> requires_followup{};
  std::vector<std::string> wording{};  // sentences that may be shown to the customer, in ledger order; absent when empty
  std::optional<AgentVersion> agent{};
  std::optional<std::string> actor{};  // id; `{"actor": {"id": …}}`
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

}  // namespace countersign::contracts
