#include "domain/handoff_priority.hpp"

#include "domain/codes.hpp"

namespace countersign::domain {

namespace {

struct Ranked {
  std::string_view reason;
  HandoffPriority priority;
};

// Urgent: money or a message may be out and nobody knows. High: the fleet can do nothing more for this ticket, or was told something
// that is not so. Low: the customer has had an answer.
constexpr std::array ranking{
    Ranked{codes::effect_unknown, HandoffPriority::urgent},  Ranked{codes::effect_surprising, HandoffPriority::urgent},
    Ranked{codes::effect_unresolved, HandoffPriority::high}, Ranked{codes::unsupported_close, HandoffPriority::high},
    Ranked{codes::switched_off, HandoffPriority::high},      Ranked{codes::tool_unreachable, HandoffPriority::high},
    Ranked{codes::runs_exhausted, HandoffPriority::high},    Ranked{codes::no_plan, HandoffPriority::normal},
    Ranked{codes::turns_exhausted, HandoffPriority::normal}, Ranked{"denied", HandoffPriority::low},
    Ranked{"denied_by_policy", HandoffPriority::low},
};

}  // namespace

HandoffPriority priority_of(std::string_view reason) {
  for (const auto& row : ranking)
    if (row.reason == reason) return row.priority;
  return HandoffPriority::normal;
}

}  // namespace countersign::domain
