#pragma once

// PlanIntake: takes in the topic `plans`. Every plan is considered under its ticket's lock, in the order in which the planner sent them.
//
// Promise    Nothing in a plan is believed: not its tenant, its version, its tools nor its sources. One that cannot be read, or speaks of
//            another ticket than its key, is a dead letter and counts as a turn of the ticket it was sent for.
//            A plan never suffers for the claim of its first step: what the database refuses is tried again without the claim.
// Not ours   What becomes of a plan: plan_desk.hpp. The claim of the step that it gives its turn: turn_claimer.hpp.
// Threads    As pipeline::Handler.
// Ownership  Borrows every constructor argument.
// Failure    apply() throws base::Unavailable while there is no configuration, and what the database throws.

#include "base/bell.hpp"
#include "executor/case_store.hpp"
#include "executor/plan_desk.hpp"
#include "executor/turn_claimer.hpp"
#include "pipeline/handler.hpp"

namespace countersign::executor {

class PlanIntake final : public pipeline::Handler {
 public:
  // Claims what a plan gives its turn, where there is a `turns`. Without one, `claimable` is rung after every commit.
  PlanIntake(const CaseStore& store, const PlanDesk& plans, base::Bell& claimable, TurnClaimer* turns = nullptr)
      : store_(store), plans_(plans), claimable_(claimable), turns_(turns) {}

  bool wants(std::string_view type) const override;
  base::Result<std::any> decode(const contracts::Envelope& envelope, std::string_view data, std::string_view topic) const override;
  void apply(pipeline::Batch& batch) override;
  void committed() override;
  bool rolled_back() override { return turns_ != nullptr && turns_->rolled_back(); }

 private:
  void take(TicketCase& one, const pipeline::Arrival& arrival, pipeline::Batch& batch) const;

  const CaseStore& store_;
  const PlanDesk& plans_;
  base::Bell& claimable_;
  TurnClaimer* turns_;
};

}  // namespace countersign::executor
