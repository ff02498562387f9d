#pragma once

// ClaimDesk: judges steps whose turn it is, in the transaction of whoever holds their tickets, and claims what may be done.
//
//     gate ─▶ configuration still in force? operation keys ─▶ approval ─▶ effect `claimed`, lease, token ─▶ (COMMIT) ─▶ hand_over
//       └─▶ denied                                               └─▶ people are asked, or the step is left as it is
//
// What the gate refuses is denied in the same transaction. What it allows only with people's approval waits for that, and is judged anew
// when it comes: its countersignature is checked and recorded as used in the transaction that claims.
//
// Promise    No claim is made under a configuration that the database has replaced, in a run that stops, or beside an unresolved effect of
//            the same ticket. Under one that has been replaced nothing is decided at all.
// Not ours   Whether an action is allowed: policy_gate.hpp. Who looks for steps: effect_claimer.hpp, turn_claimer.hpp.
// Threads    Stateless; any thread.
// Ownership  Borrows every constructor argument.
// Failure    Throws what the database throws while keys are locked; the batch is then over. What it changed is in the cases, to be saved by
//            whoever loaded them.
// Time       The lease is the manifest's timeout plus two seconds. The lane counts it from before the transaction began, the database from
//            within it: the lane gives up first.

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "executor/approval_guard.hpp"
#include "executor/policy_gate.hpp"
#include "executor/run_conductor.hpp"
#include "executor/tool_caller.hpp"
#include "pipeline/batch_runner.hpp"

namespace countersign::executor {

// What may be claimed as far as the ticket itself is concerned: the step is ready, has its turn and is due, and its run goes on.
bool claimable(const TicketCase& one, const Step& step, base::WallTime now);

// A step to be judged. Its ticket is locked by the batch, and of each ticket there is one at most: a second could only be judged by what
// becomes of the first.
struct DueStep {
  TicketCase* one;
  Step* step;
};

// What a transaction decided, to be handed over once it is committed.
struct Decided {
  std::vector<ToolCall> calls;
  std::size_t letters = 0;
  std::size_t refused = 0;
  std::size_t waiting = 0;              // for people, or for another look
  std::size_t left = 0;                 // ready as they were, for a later round
  bool configuration_replaced = false;  // and all are left

  std::size_t count() const { return calls.size() + letters + refused + waiting; }
};

class ClaimDesk {
 public:
  enum class People { asked, left_alone };  // what people must approve, or have approved: goes through, or is left

  ClaimDesk(const pipeline::CoreParts& parts, const RunConductor& conductor, const ApprovalRequester& requester, ToolCaller& caller,
            std::chrono::milliseconds lease_beyond_timeout = std::chrono::milliseconds{2000});

  // Whether enough of a lease that counts from the beginning of the batch would be left when it is committed.
  bool in_time(const pipeline::Batch& batch) const;
  // `cases`: all that the batch holds.
  Decided settle(std::map<std::string, TicketCase>& cases, const std::vector<DueStep>& due,
                 std::shared_ptr<const catalog::Snapshot> configuration, People people, pipeline::Batch& batch) const;
  // After the commit, once. The calls keep the slots that `slots` holds for them.
  void hand_over(Decided decided, SlotHold& slots) const;

 private:
  class Round;

  pipeline::Incarnation& incarnation_;
  base::Clock& clock_;
  const RunConductor& conductor_;
  ToolCaller& caller_;
  std::chrono::milliseconds lease_beyond_timeout_;
  PolicyGate gate_;
  ApprovalGuard guard_;
  telemetry::Counter& claimed_;
  telemetry::Counter& refused_;
};

}  // namespace countersign::executor
