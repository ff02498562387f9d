#pragma once

// The states of an effect: one row of the ledger per side effect, born `claimed` in the transaction that allows the call.
//
//   claimed      the call is being made, or was when its lane went silent
//   ready        certainly has not happened; may be claimed again under the same key
//   unknown      may have happened
//   succeeded, failed, compensated    known for certain

#include <array>
#include <optional>
#include <string_view>

#include "base/result.hpp"
#include "domain/named_enum.hpp"

namespace countersign::domain {

enum class EffectState { ready, claimed, succeeded, failed, unknown, compensated };

enum class EffectEvent {
  claim,        // a lane, again
  succeed,      // an answer, also a late one; a look-up; a person
  fail,         // a refusal, certainty that it was not done, a person
  lose_answer,  // the call was made and nothing tells how it ended
  put_back,     // certainly not done, and may be tried again
  compensate,   // the compensating step succeeded
};

template <>
struct EnumNames<EffectState> {
  static constexpr std::array names{std::string_view("ready"),  std::string_view("claimed"), std::string_view("succeeded"),
                                    std::string_view("failed"), std::string_view("unknown"), std::string_view("compensated")};
};

template <>
struct EnumNames<EffectEvent> {
  static constexpr std::array names{std::string_view("claim"),       std::string_view("succeed"),  std::string_view("fail"),
                                    std::string_view("lose_answer"), std::string_view("put_back"), std::string_view("compensate")};
};

struct EffectTransition {
  EffectState from;
  EffectEvent event;
  EffectState to;
};

inline constexpr std::array effect_transitions{
    EffectTransition{EffectState::ready, EffectEvent::claim, EffectState::claimed},
    EffectTransition{EffectState::ready, EffectEvent::succeed, EffectState::succeeded},  // a late success after being put back
    EffectTransition{EffectState::ready, EffectEvent::fail, EffectState::failed},        // put back, then given up
    EffectTransition{EffectState::claimed, EffectEvent::succeed, EffectState::succeeded},
    EffectTransition{EffectState::claimed, EffectEvent::fail, EffectState::failed},
    EffectTransition{EffectState::claimed, EffectEvent::lose_answer, EffectState::unknown},
    EffectTransition{EffectState::claimed, EffectEvent::put_back, EffectState::ready},
    EffectTransition{EffectState::unknown, EffectEvent::succeed, EffectState::succeeded},
    EffectTransition{EffectState::unknown, EffectEvent::fail, EffectState::failed},
    EffectTransition{EffectState::unknown, EffectEvent::put_back, EffectState::ready},
    EffectTransition{EffectState::succeeded, EffectEvent::compensate, EffectState::compensated},
};

// True while no other non-read step of the ticket may be claimed.
constexpr bool unresolved(EffectState state) { return state == EffectState::claimed || state == EffectState::unknown; }

// True while the operation key is held (within the manifest's window).
constexpr bool holds_operation_key(EffectState state) { return unresolved(state) || state == EffectState::succeeded; }

// Refuses with `illegal_transition`.
base::Result<EffectState> transition(EffectState from, EffectEvent event);

// A success reported under an earlier token: what happened has happened, whoever holds the claim now.
enum class LateSuccess {
  settles,    // becomes succeeded
  known,      // already on record
  surprises,  // on record as not done: `effect_surprising`, a person must look
};
constexpr LateSuccess judge_late_success(EffectState state) {
  if (state == EffectState::failed) return LateSuccess::surprises;
  return state == EffectState::succeeded || state == EffectState::compensated ? LateSuccess::known : LateSuccess::settles;
}

}  // namespace countersign::domain
