#pragma once

// Countersigner: the only holder of the countersigning key.
//
//     approval, its decisions ─▶ "people agreed to exactly this action; run it once, before exp"
//
// Promise    Signs nothing that is over: a countersignature never outlives the approval it stands for.
// Not ours   Whether the requirement is met. Whoever calls does so in the transaction that records why: the decision that met it, or the
//            executor's request for another one (approval_conductor.hpp).
// Threads    Immutable; any thread.
// Time       Whole seconds by the database clock, as the caller gives it.

#include <chrono>
#include <string>
#include <vector>

#include "approval/docket.hpp"
#include "contracts/token_claims.hpp"
#include "crypto/jwk.hpp"

namespace countersign::approval {

class Countersigner {
 public:
  Countersigner(crypto::SigningKey key, const std::string& environment, std::chrono::seconds validity);

  // Invariant: the approval's time is not over at `now`.
  Countersignature sign(const Approval& approval, std::vector<contracts::CountersignedDecision> decisions, const base::Uuid& jti,
                        base::WallTime now) const;

 private:
  const crypto::SigningKey key_;
  const std::string audience_;
  const std::chrono::seconds validity_;
};

}  // namespace countersign::approval
