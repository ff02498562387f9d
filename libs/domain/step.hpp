#pragma once

// The states of a step and who moves it. The table is all there is: SQL checks and documentation are compared with it.
//
//   ready             may be claimed by a lane; the gate is asked in the claim
//   waiting_approval  people are asked
//   claimed           a lane makes the call, until its lease ends
//   unknown           the call may have had its effect; being looked up, or waiting for a person
//   succeeded, failed, denied, expired, withdrawn, dropped    the end
//
// failed means certainly not done, or refused by the tool. withdrawn: the run stopped first. dropped: an earlier step of the plan did not
// succeed.

#include <array>
#include <string_view>

#include "base/result.hpp"
#include "domain/named_enum.hpp"

namespace countersign::domain {

enum class StepState { ready, waiting_approval, claimed, succeeded, failed, unknown, denied, expired, withdrawn, dropped };

enum class StepEvent {
  ask_approval,  // the gate, or the claim of an approved step when more is required now
  grant,         // a verdict with its countersignature
  reconsider,    // what people were asked is not what would be done now: the gate is asked anew
  claim,         // a lane
  succeed,       // an answer, also a late one; a look-up; a person
  fail,          // a refusal, certainty that it was not done, a person
  lose_answer,   // the call was made and nothing tells how it ended
  put_back,      // certainly not done, and may be tried again
  deny,          // the gate or a person
  expire,        // an approval's time is over
  withdraw,      // the run stops
  drop,          // the plan stops
};

template <>
struct EnumNames<StepState> {
  static constexpr std::array names{std::string_view("ready"),     std::string_view("waiting_approval"), std::string_view("claimed"),
                                    std::string_view("succeeded"), std::string_view("failed"),           std::string_view("unknown"),
                                    std::string_view("denied"),    std::string_view("expired"),          std::string_view("withdrawn"),
                                    std::string_view("dropped")};
};

template <>
struct EnumNames<StepEvent> {
  static constexpr std::array names{std::string_view("ask_approval"), std::string_view("grant"),    std::string_view("reconsider"),
                                    std::string_view("claim"),        std::string_view("succeed"),  std::string_view("fail"),
                                    std::string_view("lose_answer"),  std::string_view("put_back"), std::string_view("deny"),
                                    std::string_view("expire"),       std::string_view("withdraw"), std::string_view("drop")};
};

struct StepTransition {
  StepState from;
  StepEvent event;
  StepState to;
};

inline constexpr std::array step_transitions{
    StepTransition{StepState::ready, StepEvent::ask_approval, StepState::waiting_approval},
    StepTransition{StepState::ready, StepEvent::claim, StepState::claimed},
    StepTransition{StepState::ready, StepEvent::succeed, StepState::succeeded},  // a late success after being put back
    StepTransition{StepState::ready, StepEvent::fail, StepState::failed},        // put back, then given up
    StepTransition{StepState::ready, StepEvent::deny, StepState::denied},
    StepTransition{StepState::ready, StepEvent::withdraw, StepState::withdrawn},
    StepTransition{StepState::ready, StepEvent::drop, StepState::dropped},
    StepTransition{StepState::waiting_approval, StepEvent::grant, StepState::ready},
    StepTransition{StepState::waiting_approval, StepEvent::reconsider, StepState::ready},
    StepTransition{StepState::waiting_approval, StepEvent::succeed, StepState::succeeded},  // a late success, while people were asked anew
    StepTransition{StepState::waiting_approval, StepEvent::deny, StepState::denied},
    StepTransition{StepState::waiting_approval, StepEvent::expire, StepState::expired},
    StepTransition{StepState::waiting_approval, StepEvent::withdraw, StepState::withdrawn},
    StepTransition{StepState::waiting_approval, StepEvent::drop, StepState::dropped},
    StepTransition{StepState::claimed, StepEvent::succeed, StepState::succeeded},
    StepTransition{StepState::claimed, StepEvent::fail, StepState::failed},
    StepTransition{StepState::claimed, StepEvent::lose_answer, StepState::unknown},
    StepTransition{StepState::claimed, StepEvent::put_back, StepState::ready},
    StepTransition{StepState::unknown, StepEvent::succeed, StepState::succeeded},
    StepTransition{StepState::unknown, StepEvent::fail, StepState::failed},
    StepTransition{StepState::unknown, StepEvent::put_back, StepState::ready},
};

// True for the states that no event leaves.
constexpr bool final_state(StepState state) {
  for (const auto& row : step_transitions)
    if (row.from == state) return false;
  return true;
}

// Refuses with `illegal_transition`.
base::Result<StepState> transition(StepState from, StepEvent event);

}  // namespace countersign::domain
