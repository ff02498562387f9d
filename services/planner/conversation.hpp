#pragma once

// Conversation: one ticket as the planner knows it, and where it stands with the executor about it.
//
// `plan` is what the planner wants done now. Its content changes only when the executor's answer calls for something else; sending it again
// with a newer `after` is always harmless, because the executor takes up a plan only while nothing it has said is unheard.
//
// An intake loads what it can need (conversation_store.hpp): the facts of the ticket, or the plan and how far it has come.
//
// Threads    A plain value; belongs to the batch it was loaded in.

#include <cstdint>
#include <optional>
#include <string>

#include "contracts/json.hpp"
#include "contracts/messages.hpp"

namespace countersign::planner {

enum class TicketStatus { unopened, open, closed };

struct Conversation {
  std::string tenant;
  std::string ticket_id;
  std::int64_t version = 0;  // 0: nothing has been heard of it
  bool stored = false;       // it has a row
  TicketStatus status = TicketStatus::unopened;
  std::string realm;
  contracts::Json requester;  // null until opened
  contracts::Json actor;      // null when nobody is named
  std::optional<std::string> instruction;
  std::optional<std::string> subject;
  std::optional<std::string> text;
  contracts::Json fields = contracts::Json::object();

  std::int64_t ended_version = 0;  // version whose run has ended, as far as we heard
  std::int64_t run = 0;            // the last step that we heard of
  std::int64_t step = 0;
  std::optional<contracts::PlanProposed> plan;
  bool plan_replaced = false;         // since it was loaded
  std::string plan_text;              // of a plan that was replaced and then sent: the message, which is kept with the row as it is
  std::int32_t done = 0;              // how many of the plan's steps have succeeded
  std::int64_t proposed_version = 0;  // of the last message sent
  std::int64_t proposed_after = 0;

  std::string key() const { return tenant + "/" + ticket_id; }
  // Whether the executor may be waiting for a plan at this version. Turns are not counted here: the planner does not hear which of its
  // plans were dropped, and one that counted too many would fall silent. The executor counts them, and ends the run.
  bool wants_plan() const { return status == TicketStatus::open && ended_version < version; }
};

}  // namespace countersign::planner
