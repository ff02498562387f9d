#pragma once

// TurnClaimer: claims the steps of other loops' batches in these batches themselves.
//
// Who takes in a plan or records a result holds the ticket, and mostly leaves it with a step whose turn has come. Claimed at once, that
// step costs no transaction of its own and waits for nobody. Whatever stands in the way - no free slot, others that wait for one, a
// configuration that is missing or has been replaced, people who must approve, a batch that has taken long - leaves the step as it is for
// the EffectClaimer.
//
//     apply: settle() ─▶ COMMIT ─▶ committed(): calls to the lane, the bell for what was left
//                     └▶ rolled_back(): slots given back; the next batch claims nothing
//
// Promise    A call is handed on only after its commit, and once. What fails for a claim's sake is tried again without claims.
// Not ours   What may be claimed, and how: claim_desk.hpp.
// Threads    The thread of one loop; each loop has its own.
// Ownership  Borrows every constructor argument.
// Failure    settle() throws what the database throws.

#include <map>
#include <string>

#include "base/bell.hpp"
#include "executor/claim_desk.hpp"
#include "executor/configuration_watch.hpp"

namespace countersign::executor {

class TurnClaimer {
 public:
  // `claimable` is the bell of the EffectClaimer.
  TurnClaimer(const ClaimDesk& desk, const ConfigurationWatch& configuration, CallSlots& slots, base::Bell& claimable);

  // After everything else that the batch does with these cases, and before they are saved. Once a batch.
  void settle(std::map<std::string, TicketCase>& cases, pipeline::Batch& batch);
  void committed();
  // Whether the batch may have failed for the sake of a claim.
  bool rolled_back();

 private:
  const ClaimDesk& desk_;
  const ConfigurationWatch& configuration_;
  CallSlots& slots_;
  base::Bell& claimable_;

  // Of the batch that is open
  SlotHold hold_;
  Decided decided_;
  bool tried_ = false;
  std::size_t left_ = 0;

  bool plain_ = false;  // a batch with claims has failed, and none was committed since
};

}  // namespace countersign::executor
