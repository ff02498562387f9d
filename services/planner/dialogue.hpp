#pragma once

// Dialogue: what a message on `steps` means for what the planner should say next. Pure.
//
// Why nothing gets stuck: a plan is taken up only if its `after` is the last sequence the executor has sent. If one crosses a message, it
// is dropped, but then the planner hears that message later than it spoke, and every message that is not plainly the progress of the plan
// as it stands makes it speak again. Speaking without need costs nothing: the executor drops what it did not wait for, and a drop uses up
// no turn. So doubt is always settled by saying the same thing again:
//
//     an earlier version's run stops, or settles a step late     repeat: the plan for this version may have been dropped
//     a step reported before succeeds after all                  repeat
//     a type that this build does not know                       repeat
//     a step of the plan succeeds                                 nothing, or escalate after the last step of a plan without a close
//     a step fails, is denied, withdrawn, unknown; a rejection   the playbook's turn for it
//     nobody decided in time; a person wants it differently       the same: step.expired, step.changes_requested; it may propose again
//     a message that cannot be read                              escalate: it may have been any of these
//     this version's run stops                                    nothing: it is over

#include <string>
#include <vector>

#include "planner/conversation.hpp"

namespace countersign::planner {

struct Reply {
  enum class Move {
    none,
    repeat,    // the plan as it stands, with the newest `after`
    turn,      // the playbook's turn `on` with these codes
    escalate,  // a close with this reason
  };
  Move move = Move::none;
  std::string on{};
  std::vector<std::string> codes{};
  std::string reason{};

  friend bool operator==(const Reply&, const Reply&) = default;
};

// Each notes in the conversation what was heard.
Reply hear(Conversation& conversation, const contracts::StepSucceeded& heard);
Reply hear(Conversation& conversation, const contracts::StepEnded& heard);
Reply hear(Conversation& conversation, const contracts::RunStopped& heard);
Reply hear_unreadable(const Conversation& conversation);
Reply hear_unknown(const Conversation& conversation);

}  // namespace countersign::planner
