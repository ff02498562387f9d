#pragma once

// The states of an approval, as the approval service keeps them, and what moves it. The table is all there is: SQL checks and documentation
// are compared with it.
//
//   requested          people are asked
//   approved           the requirement is met and a countersignature was made; not used yet
//   denied, changes_requested, expired, withdrawn, consumed    the end
//
// An approved one expires only when a new countersignature is asked for too late, never by the clock alone: a claim that races the clock
// would otherwise find what it holds withdrawn under its hands.

#include <array>
#include <string_view>

#include "base/result.hpp"
#include "domain/named_enum.hpp"

namespace countersign::domain {

enum class ApprovalState { requested, approved, denied, changes_requested, expired, withdrawn, consumed };

enum class ApprovalEvent {
  approve,          // the decision that meets the requirement
  deny,             // one decision is enough
  request_changes,  // one decision is enough
  expire,           // its time is over
  withdraw,         // the executor needs no answer any more
  consume,          // the executor's claim has used the countersignature
};

template <>
struct EnumNames<ApprovalState> {
  static constexpr std::array names{std::string_view("requested"),         std::string_view("approved"), std::string_view("denied"),
                                    std::string_view("changes_requested"), std::string_view("expired"),  std::string_view("withdrawn"),
                                    std::string_view("consumed")};
};

template <>
struct EnumNames<ApprovalEvent> {
  static constexpr std::array names{std::string_view("approve"), std::string_view("deny"),     std::string_view("request_changes"),
                                    std::string_view("expire"),  std::string_view("withdraw"), std::string_view("consume")};
};

struct ApprovalTransition {
  ApprovalState from;
  ApprovalEvent event;
  ApprovalState to;
};

inline constexpr std::array approval_transitions{
    ApprovalTransition{ApprovalState::requested, ApprovalEvent::approve, ApprovalState::approved},
    ApprovalTransition{ApprovalState::requested, ApprovalEvent::deny, ApprovalState::denied},
    ApprovalTransition{ApprovalState::requested, ApprovalEvent::request_changes, ApprovalState::changes_requested},
    ApprovalTransition{ApprovalState::requested, ApprovalEvent::expire, ApprovalState::expired},
    ApprovalTransition{ApprovalState::requested, ApprovalEvent::withdraw, ApprovalState::withdrawn},
    ApprovalTransition{ApprovalState::approved, ApprovalEvent::consume, ApprovalState::consumed},
    ApprovalTransition{ApprovalState::approved, ApprovalEvent::withdraw, ApprovalState::withdrawn},
    ApprovalTransition{ApprovalState::approved, ApprovalEvent::expire, ApprovalState::expired},  // a renewal asked for too late
};

// True for the states that no event leaves.
constexpr bool final_state(ApprovalState state) {
  for (const auto& row : approval_transitions)
    if (row.from == state) return false;
  return true;
}

// Refuses with `illegal_transition`.
base::Result<ApprovalState> transition(ApprovalState from, ApprovalEvent event);

}  // namespace countersign::domain
