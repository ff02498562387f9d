#pragma once

// How a run stops: why, when it may end, and who is told.
//
// A run that stops starts nothing new, and ends only when nothing is in flight: a customer is never told that nothing was done while
// something may have been. What stays unknown past its limit does not hold the run up for ever; it is listed and handed to a person.

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/close.hpp"
#include "domain/named_enum.hpp"
#include "domain/run.hpp"
#include "domain/step.hpp"

namespace countersign::domain {

// Why a run that has not finished must stop; a later one in this list prevails over an earlier one.
enum class StopCause { switched_off, ticket_updated, message_added, cancel_asked, ticket_closed };

template <>
struct EnumNames<StopCause> {
  static constexpr std::array names{std::string_view("switched_off"), std::string_view("ticket_updated"), std::string_view("message_added"),
                                    std::string_view("cancel_asked"), std::string_view("ticket_closed")};
};

constexpr StopCause prevailing(StopCause a, StopCause b) { return std::max(a, b); }

// cancelled for a close or cancel, superseded for an update or message, escalated for a switch.
StopReason reason_for(StopCause cause);

// What the run stops for when it was already stopping for `reason` and `cause` comes on top. A close or a cancel turns anything but an
// end that was already earned (resolved, draft_ready, denied, failed) into cancelled; an update turns an escalation into superseded.
StopReason reason_after(StopReason reason, StopCause cause);

// In flight: claimed, or unknown within its limit.
constexpr bool in_flight(const StepFacts& step) {
  return step.state == StepState::claimed || (step.state == StepState::unknown && !step.past_limit);
}

// What becomes of a step when its run begins to stop. Absent: nothing; it has ended or is in flight.
// `tried`: it was claimed before and put back, so that its effect is on record and ends failed (not_done) with it.
// Whatever becomes of the step: an effect of it that is `ready` fails (not_done).
std::optional<StepEvent> on_stop(StepState state, bool tried);

struct StopVerdict {
  bool may_end = false;          // all else is meaningless while false
  std::string_view outcome{};    // type on `outcomes`, such as ticket.resolved; empty: none is sent
  bool hands_off = false;        // refer a handoff
  std::string handoff_reason{};  // effect_unknown prevails over everything
  bool next_run = false;         // superseded: the ticket's new version gets a run of its own

  friend bool operator==(const StopVerdict&, const StopVerdict&) = default;
};

// `code`: why the run stops, used as the handoff's reason; `person_asked`: policy wants a person to see this denial.
StopVerdict judge_stop(StopReason reason, std::string_view code, bool person_asked, std::span<const StepFacts> steps);

// ticket.resolved, ticket.drafted, ticket.denied, ticket.escalated, ticket.failed, ticket.cancelled; empty for superseded.
std::string_view outcome_type(StopReason reason);

}  // namespace countersign::domain
