#pragma once

// The stages of an approval as the executor lives through it, in its own row beside the step. The table is all there is: SQL checks and
// documentation are compared with it.
//
//   previewing   what the action would change is being read
//   requested    people are asked
//   granted      countersigned; the target is still to be read again
//   cleared      may be claimed, for as long as what was read counts as fresh
//   renewing     the countersignature came too late; another one is asked for
//   consumed     the claim has used it
//   denied, changes_requested, expired, withdrawn    the end
//
// A tool without preview is granted and cleared in one transaction. `consumed` is left only for the same effect: a call that certainly was
// not sent is claimed again, and its countersignature may have expired by then.

#include <array>
#include <string_view>

#include "base/result.hpp"
#include "domain/named_enum.hpp"

namespace countersign::domain {

enum class ApprovalStage { previewing, requested, granted, cleared, renewing, consumed, denied, changes_requested, expired, withdrawn };

enum class ApprovalStageEvent {
  ask,              // the preview is there, or there is none
  grant,            // a verdict with a countersignature that holds
  clear,            // the target is as people saw it
  look_again,       // what was read is not fresh any more
  renew,            // the countersignature has expired
  consume,          // the claim
  deny,             // people; or something is wrong with what we hold
  request_changes,  // people
  expire,           // nobody answered in time
  withdraw,         // the run stops, the target has changed, or more is required now
};

template <>
struct EnumNames<ApprovalStage> {
  static constexpr std::array names{std::string_view("previewing"), std::string_view("requested"),         std::string_view("granted"),
                                    std::string_view("cleared"),    std::string_view("renewing"),          std::string_view("consumed"),
                                    std::string_view("denied"),     std::string_view("changes_requested"), std::string_view("expired"),
                                    std::string_view("withdrawn")};
};

template <>
struct EnumNames<ApprovalStageEvent> {
  static constexpr std::array names{std::string_view("ask"),        std::string_view("grant"),           std::string_view("clear"),
                                    std::string_view("look_again"), std::string_view("renew"),           std::string_view("consume"),
                                    std::string_view("deny"),       std::string_view("request_changes"), std::string_view("expire"),
                                    std::string_view("withdraw")};
};

struct ApprovalStageTransition {
  ApprovalStage from;
  ApprovalStageEvent event;
  ApprovalStage to;
};

inline constexpr std::array approval_stage_transitions{
    ApprovalStageTransition{ApprovalStage::previewing, ApprovalStageEvent::ask, ApprovalStage::requested},
    ApprovalStageTransition{ApprovalStage::previewing, ApprovalStageEvent::deny, ApprovalStage::denied},
    ApprovalStageTransition{ApprovalStage::previewing, ApprovalStageEvent::withdraw, ApprovalStage::withdrawn},
    ApprovalStageTransition{ApprovalStage::requested, ApprovalStageEvent::grant, ApprovalStage::granted},
    ApprovalStageTransition{ApprovalStage::requested, ApprovalStageEvent::deny, ApprovalStage::denied},
    ApprovalStageTransition{ApprovalStage::requested, ApprovalStageEvent::request_changes, ApprovalStage::changes_requested},
    ApprovalStageTransition{ApprovalStage::requested, ApprovalStageEvent::expire, ApprovalStage::expired},
    ApprovalStageTransition{ApprovalStage::requested, ApprovalStageEvent::withdraw, ApprovalStage::withdrawn},
    ApprovalStageTransition{ApprovalStage::granted, ApprovalStageEvent::clear, ApprovalStage::cleared},
    ApprovalStageTransition{ApprovalStage::granted, ApprovalStageEvent::renew, ApprovalStage::renewing},
    ApprovalStageTransition{ApprovalStage::granted, ApprovalStageEvent::deny, ApprovalStage::denied},
    ApprovalStageTransition{ApprovalStage::granted, ApprovalStageEvent::withdraw, ApprovalStage::withdrawn},
    ApprovalStageTransition{ApprovalStage::cleared, ApprovalStageEvent::consume, ApprovalStage::consumed},
    ApprovalStageTransition{ApprovalStage::cleared, ApprovalStageEvent::look_again, ApprovalStage::granted},
    ApprovalStageTransition{ApprovalStage::cleared, ApprovalStageEvent::renew, ApprovalStage::renewing},
    ApprovalStageTransition{ApprovalStage::cleared, ApprovalStageEvent::deny, ApprovalStage::denied},
    ApprovalStageTransition{ApprovalStage::cleared, ApprovalStageEvent::withdraw, ApprovalStage::withdrawn},
    ApprovalStageTransition{ApprovalStage::renewing, ApprovalStageEvent::grant, ApprovalStage::granted},
    ApprovalStageTransition{ApprovalStage::renewing, ApprovalStageEvent::deny, ApprovalStage::denied},
    ApprovalStageTransition{ApprovalStage::renewing, ApprovalStageEvent::expire, ApprovalStage::expired},
    ApprovalStageTransition{ApprovalStage::renewing, ApprovalStageEvent::withdraw, ApprovalStage::withdrawn},
    ApprovalStageTransition{ApprovalStage::consumed, ApprovalStageEvent::renew, ApprovalStage::renewing},
};

// True for the stages that no event leaves.
constexpr bool final_state(ApprovalStage stage) {
  for (const auto& row : approval_stage_transitions)
    if (row.from == stage) return false;
  return true;
}

// Refuses with `illegal_transition`.
base::Result<ApprovalStage> transition(ApprovalStage from, ApprovalStageEvent event);

}  // namespace countersign::domain
