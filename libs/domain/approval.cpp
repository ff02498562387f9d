#include "domain/approval.hpp"

#include <string>

#include "domain/approval_stage.hpp"

namespace countersign::domain {

namespace {

template <typename Table, typename State, typename Event>
base::Result<State> follow(const Table& table, State from, Event event) {
  for (const auto& row : table)
    if (row.from == from && row.event == event) return row.to;
  return base::refuse("illegal_transition", "an approval that is " + std::string(name_of(from)) + " does not move that way");
}

}  // namespace

base::Result<ApprovalState> transition(ApprovalState from, ApprovalEvent event) { return follow(approval_transitions, from, event); }

base::Result<ApprovalStage> transition(ApprovalStage from, ApprovalStageEvent event) {
  return follow(approval_stage_transitions, from, event);
}

}  // namespace countersign::domain
