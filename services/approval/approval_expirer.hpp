#pragma once

// ApprovalExpirer: ends the approvals that nobody decided in time.
//
// It finds tickets with something due, locks them as every batch does, and looks again: a decision that was recorded in between stands.
//
// Promise    An approval whose time is over at the database's clock is never approved afterwards, whoever comes first: DecisionRecorder
// looks
//            at the same clock under the same lock.
// Not ours   Granted approvals: those expire only when another countersignature is asked for (approval_desk.hpp).
// Threads    One thread calls run() or expire_once(). Several processes may, at the same time.
// Ownership  Borrows every constructor argument.
// Failure    expire_once() throws what BatchRunner throws; run() retries with backoff.
// Time       The database clock.

#include <chrono>
#include <stop_token>

#include "approval/approval_conductor.hpp"
#include "pipeline/batch_runner.hpp"

namespace countersign::approval {

struct ExpirerOptions {
  std::size_t most_at_once = 200;
  std::chrono::milliseconds poll{500};
};

class ApprovalExpirer {
 public:
  ApprovalExpirer(pipeline::CoreParts core, const ApprovalParts& parts, const catalog::Catalog& catalog, ExpirerOptions options = {});

  // Returns the number of approvals that it found due; 0 while there is no configuration.
  std::size_t expire_once();
  void run(std::stop_token stop);

 private:
  pipeline::CoreParts core_;
  const ApprovalParts& parts_;
  const catalog::Catalog& catalog_;
  const ExpirerOptions options_;
  pipeline::BatchRunner runner_;
};

}  // namespace countersign::approval
