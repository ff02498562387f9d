#pragma once

// The messages of the fleet as plain structs, one per shape. codec.hpp turns them into JSON and back.
//
// Closed sets of words (kinds, stop reasons, priorities) are text that the decoder has checked; codes are snake_case.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/money.hpp"
#include "base/uuid.hpp"
#include "contracts/json.hpp"

namespace countersign::contracts {

namespace types {
inline constexpr std::string_view ticket_opened = "ticket.opened";
inline constexpr std::string_view ticket_updated = "ticket.updated";
inline constexpr std::string_view ticket_message_added = "ticket.message_added";
inline constexpr std::string_view ticket_closed = "ticket.closed";
inline constexpr std::string_view plan_proposed = "plan.proposed";
inline constexpr std::string_view plan_withdrawn = "plan.withdrawn";
inline constexpr std::string_view step_succeeded = "step.succeeded";
inline constexpr std::string_view step_failed = "step.failed";
inline constexpr std::string_view step_unknown = "step.unknown";
inline constexpr std::string_view step_denied = "step.denied";
inline constexpr std::string_view step_withdrawn = "step.withdrawn";
inline constexpr std::string_view step_rejected = "step.rejected";
inline constexpr std::string_view run_stopped = "run.stopped";
inline constexpr std::string_view ticket_resolved = "ticket.resolved";
inline constexpr std::string_view ticket_drafted = "ticket.drafted";
inline constexpr std::string_view ticket_denied = "ticket.denied";
inline constexpr std::string_view ticket_escalated = "ticket.escalated";
inline constexpr std::string_view ticket_failed = "ticket.failed";
inline constexpr std::string_view ticket_cancelled = "ticket.cancelled";
inline constexpr std::string_view referral_handoff = "referral.handoff";
inline constexpr std::string_view handoff_opened = "handoff.opened";
}  // namespace types

// ---- tickets

struct Requester {
  std::string id{};
  std::optional<std::string> name{};
  std::optional<std::string> email{};
  friend bool operator==(const Requester&, const Requester&) = default;
};

struct TicketOpened {
  std::string tenant{};
  std::string ticket_id{};
  Requester requester{};
  std::optional<bool> requester_authenticated{};
  std::optional<std::string> subject{};
  std::string text{};
  Json fields = Json::object();            // at most 8 levels deep
  std::optional<std::string> opened_at{};  // RFC 3339
  friend bool operator==(const TicketOpened&, const TicketOpened&) = default;
};

struct TicketUpdated {
  std::string tenant{};
  std::string ticket_id{};
  Json fields = Json::object();  // merged into the ticket's; null removes
  friend bool operator==(const TicketUpdated&, const TicketUpdated&) = default;
};

struct Author {
  std::string kind{};  // requester | agent | system
  std::optional<std::string> id{};
  friend bool operator==(const Author&, const Author&) = default;
};

struct TicketMessageAdded {
  std::string tenant{};
  std::string ticket_id{};
  Author author{};
  std::string text{};
  friend bool operator==(const TicketMessageAdded&, const TicketMessageAdded&) = default;
};

struct TicketClosed {
  std::string tenant{};
  std::string ticket_id{};
  std::optional<std::string> reason{};
  friend bool operator==(const TicketClosed&, const TicketClosed&) = default;
};

// ---- plans

struct ProposedStep {
  std::string name{};  // ^[a-z][a-z0-9_]{0,39}$, unique in the plan
  std::string tool{};
  Json arguments = Json::object();  // leaves may name a source: {"$from": …}
  friend bool operator==(const ProposedStep&, const ProposedStep&) = default;
};

struct Resolution {
  std::string category{};
  std::string action_taken{};
  std::string resolution{};
  bool requires_followup = false;
  friend bool operator==(const Resolution&, const Resolution&) = default;
};

struct ProposedClose {
  std::string stop_reason{};            // resolved | draft_ready | denied | escalated
  std::optional<std::string> reason{};  // a code
  std::optional<Resolution> resolution{};
  friend bool operator==(const ProposedClose&, const ProposedClose&) = default;
};

struct Opinion {
  std::optional<std::string> category{};
  std::optional<std::int64_t> confidence{};  // per mille, 0..1000
  friend bool operator==(const Opinion&, const Opinion&) = default;
};

struct AgentVersion {
  std::string name{};
  std::int64_t version = 0;
  friend bool operator==(const AgentVersion&, const AgentVersion&) = default;
};

struct PlanProposed {
  std::string tenant{};
  std::string ticket_id{};
  std::int64_t ticket_version = 0;
  std::int64_t after = 0;  // the last sequence of `steps` that the planner had applied
  AgentVersion agent{};
  std::optional<std::string> playbook{};  // name@version
  std::vector<ProposedStep> steps{};      // at most 20; none only with a close
  std::optional<ProposedClose> close{};
  std::optional<Opinion> opinion{};
  friend bool operator==(const PlanProposed&, const PlanProposed&) = default;
};

struct PlanWithdrawn {
  std::string tenant{};
  std::string ticket_id{};
  std::int64_t ticket_version = 0;
  std::int64_t after = 0;
  std::string reason{};
  friend bool operator==(const PlanWithdrawn&, const PlanWithdrawn&) = default;
};

// ---- steps

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

// step.failed, .unknown, .denied, .withdrawn, .rejected: the same shape; `end` is the word after the dot.
struct StepEnded {
  std::string end{};  // failed | unknown | denied | withdrawn | rejected
  std::string tenant{};
  std::string ticket_id{};
  std::int64_t run = 0;
  std::int64_t step = 0;  // 0 when a whole plan was rejected
  std::optional<std::string> name{};
  std::optional<std::string> tool{};
  std::int64_t ticket_version = 0;
  std::vector<std::string> codes{};
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

// ---- outcomes, referrals, handoffs

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
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

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

using Event = std::variant<TicketOpened, TicketUpdated, TicketMessageAdded, TicketClosed, PlanProposed, PlanWithdrawn, StepSucceeded,
                           StepEnded, RunStopped, Outcome, ReferralHandoff, HandoffOpened>;

}  // namespace countersign::contracts
