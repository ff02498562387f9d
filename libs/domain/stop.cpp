#include "domain/stop.hpp"

#include <algorithm>

#include "domain/codes.hpp"

namespace countersign::domain {

namespace {

bool asks_for_person(StopReason reason, bool person_asked) {
  return reason == StopReason::escalated || reason == StopReason::failed || (reason == StopReason::denied && person_asked);
}

bool overdue(const StepFacts& step) { return step.state == StepState::unknown && step.past_limit; }

}  // namespace

StopReason reason_for(StopCause cause) {
  switch (cause) {
    case StopCause::cancel_asked:
    case StopCause::ticket_closed:
      return StopReason::cancelled;
    case StopCause::ticket_updated:
    case StopCause::message_added:
      return StopReason::superseded;
    case StopCause::switched_off:
      break;
  }
  return StopReason::escalated;
}

StopReason reason_after(StopReason reason, StopCause cause) {
  const StopReason asked = reason_for(cause);
  const bool yields = reason == StopReason::escalated || reason == StopReason::superseded;
  if (!yields || asked == StopReason::escalated) return reason;
  return asked;
}

std::optional<StepEvent> on_stop(StepState state, bool tried) {
  if (state == StepState::ready) return tried ? StepEvent::fail : StepEvent::withdraw;
  if (state == StepState::waiting_approval) return StepEvent::withdraw;
  return std::nullopt;
}

StopVerdict judge_stop(StopReason reason, std::string_view code, bool person_asked, std::span<const StepFacts> steps) {
  if (std::any_of(steps.begin(), steps.end(), [](const auto& step) { return in_flight(step); })) return {};
  StopVerdict verdict{.may_end = true, .outcome = outcome_type(reason)};
  verdict.next_run = reason == StopReason::superseded;
  const bool unclear = std::any_of(steps.begin(), steps.end(), overdue);
  verdict.hands_off = unclear || asks_for_person(reason, person_asked);
  if (verdict.hands_off) verdict.handoff_reason = unclear ? codes::effect_unknown : code.empty() ? name_of(reason) : code;
  return verdict;
}

std::string_view outcome_type(StopReason reason) {
  switch (reason) {
    case StopReason::resolved:
      return "ticket.resolved";
    case StopReason::draft_ready:
      return "ticket.drafted";
    case StopReason::denied:
      return "ticket.denied";
    case StopReason::escalated:
      return "ticket.escalated";
    case StopReason::failed:
      return "ticket.failed";
    case StopReason::cancelled:
      return "ticket.cancelled";
    case StopReason::superseded:
      break;
  }
  return {};
}

}  // namespace countersign::domain
