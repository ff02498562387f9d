#pragma once

// TicketCase: one ticket as the executor holds it under the ticket's lock: the facts, its live run, that run's steps and effects, and
// whatever earlier runs left unresolved. Loops load cases, change them through RunConductor and the claim and settle code, and CaseStore
// writes back what changed, set by set.
//
// Threads    A plain value; belongs to the batch it was loaded in.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/money.hpp"
#include "base/uuid.hpp"
#include "contracts/json.hpp"
#include "contracts/messages.hpp"
#include "domain/close.hpp"
#include "domain/effect.hpp"
#include "domain/origin.hpp"
#include "domain/risk.hpp"
#include "domain/run.hpp"
#include "domain/step.hpp"
#include "executor/approval.hpp"

namespace countersign::executor {

enum class TicketStatus { unopened, open, closed };

struct Ticket {
  std::string tenant;
  std::string id;
  std::int64_t version = 0;  // 0: nothing heard of it yet
  TicketStatus status = TicketStatus::unopened;
  std::string realm;
  contracts::Json requester;  // null until opened
  bool authenticated = false;
  contracts::Json actor;             // who the ticket is worked for, beside the requester; null: nobody
  bool actor_authenticated = false;  // the realm's word for the actor
  std::optional<std::string> instruction;
  std::optional<std::string> subject;
  std::optional<std::string> text;
  contracts::Json fields = contracts::Json::object();
  int runs_opened = 0;
  std::int64_t ended_version = 0;
  contracts::Json held_plan;  // null: none
  std::optional<std::int64_t> held_version;
  bool stored = false;  // has a row
};

struct Run {
  std::int32_t number = 0;
  std::int64_t version = 0;
  domain::RunState state = domain::RunState::awaiting_plan;
  std::optional<domain::StopReason> stop_reason;
  std::vector<std::string> codes;
  int turns = 0;
  int plans = 0;
  std::string actor;  // id; empty: none
  std::string agent;
  std::string playbook;
  contracts::Json close;       // null: none
  contracts::Json resolution;  // null: none
  base::WallTime waiting_since{};
  base::WallTime opened_at{};
  std::optional<base::WallTime> stopped_at;
  bool fresh = false;  // has no row yet
};

// Who proposed the run's newest plan, which the run keeps as name@version; absent while no plan was accepted.
std::optional<contracts::AgentVersion> agent_of(const Run& run);

// The code of a step that a person wants to be proposed otherwise.
inline constexpr std::string_view changes_requested = "changes_requested";

struct Step {
  std::int32_t run = 0;
  std::int32_t number = 0;
  std::int32_t plan = 0;
  std::string name;
  std::string tool;
  std::optional<std::int64_t> tool_version;
  domain::RiskClass risk = domain::RiskClass::irreversible;
  domain::StepState state = domain::StepState::ready;
  bool turn = false;
  contracts::Json proposed = contracts::Json::object();
  contracts::Json arguments;  // null until resolved
  domain::OriginMap origins;
  contracts::Json decision;  // null until the gate was asked
  std::vector<std::string> codes;
  int sent = 0;
  int unsent = 0;
  base::WallTime due_at{};
  std::optional<base::Uuid> token;
  std::optional<base::WallTime> lease_until;
  std::optional<base::Uuid> claimed_by;  // the incarnation whose lane made the claim
  std::optional<base::WallTime> ended_at;
  std::optional<std::string> changes_wanted;  // a person's words; until they are told of, never stored
  bool changed = false;                       // to be written
  bool judged = false;                        // with what the gate found out: arguments, origins and decision
  bool fresh = false;                         // has no row yet
};

struct Effect {
  std::int32_t run = 0;
  std::int32_t step = 0;
  std::string tool;
  std::int64_t tool_version = 0;
  domain::EffectState state = domain::EffectState::claimed;
  std::string idempotency_key;
  contracts::Json arguments;
  std::string operation;      // empty: none
  std::string operation_key;  // empty: none
  bool key_held = false;
  bool key_passed = false;  // to another effect, by people who were shown this one
  std::optional<base::WallTime> held_until;
  std::string target;  // for people
  std::optional<base::Money> amount;
  contracts::Json receipt;  // null until the tool answered
  std::optional<base::WallTime> unknown_since;
  std::optional<base::WallTime> look_at;
  bool overdue = false;
  base::WallTime created_at{};
  bool changed = false;
  bool fresh = false;
};

struct Evidence {
  std::int32_t run = 0;
  std::int32_t step = 0;
  std::string name;  // of the step
  std::string tool;
  std::int64_t tool_version = 0;
  contracts::Json arguments;
  contracts::Json result;
  domain::Origin origin = domain::Origin::tool_text;
  base::WallTime read_at{};
  bool fresh = false;
};

// A change of state, for the history table.
struct Transition {
  std::int32_t run = 0;   // 0: of the ticket
  std::int32_t step = 0;  // 0: of the run
  std::string what;       // ticket | run | step | effect | approval
  std::string old_state;
  std::string new_state;
  std::vector<std::string> codes;
  std::optional<base::Uuid> outbox_id;
};

struct TicketCase {
  Ticket ticket;
  std::optional<Run> run;           // the live run; absent when there is none
  std::vector<Step> steps;          // of the live run, and those of earlier runs whose effects are unresolved
  std::vector<Effect> effects;      // of the live run, and unresolved ones of earlier runs
  std::vector<Evidence> evidence;   // of the live run
  std::vector<Approval> approvals;  // of the live run's steps, in the order in which people were asked
  std::vector<Run> ended_runs;      // that ended in this batch, to be written
  std::vector<Transition> transitions;
  bool ticket_changed = false;
  bool facts_changed = false;  // what was said of the ticket, beside how far it is
  bool run_changed = false;

  std::string key() const { return ticket.tenant + "/" + ticket.id; }
  Step* find_step(std::int32_t run, std::int32_t step);
  Effect* find_effect(std::int32_t run, std::int32_t step);
  const Effect* find_effect(std::int32_t run, std::int32_t step) const;
};

// The run's steps as the rules see them, in order of their numbers.
std::vector<domain::StepFacts> step_facts(const TicketCase& one, std::int32_t run);
// The run's effects as messages list them.
std::vector<contracts::EffectSummary> effect_summaries(const TicketCase& one, std::int32_t run);

}  // namespace countersign::executor
