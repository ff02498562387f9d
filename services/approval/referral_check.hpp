#pragma once

// check_referral: whether what the executor wants people to see is exactly what it has signed, and hangs together. Pure.
//
//     every digest is computed again from what is shown: requirement, evidence, preview, action, and all of it
//     the action is this deployment's and says the same tenant, ticket, run, step, requirement, evidence and preview as the rest
//     the request names those digests and is signed by a key of the anchors file
//
// So nobody between the two services can soften a requirement, swap an argument or dress up the evidence, and a referral from another
// deployment is none.
//
// check_stored: whether an approval, as it was read from the tables, is still what the executor has signed. Whoever can write to the
// database could have softened it since.
//
// Threads    Any thread.
// Failure    Both refuse with a code per check, or with what crypto::verify_jws and contracts::decode_request_claims refuse.

#include <string>

#include "approval/approval.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "contracts/approval_messages.hpp"
#include "contracts/message_key.hpp"
#include "crypto/jwk.hpp"

namespace countersign::approval {

struct ExecutorTrust {
  crypto::KeySet anchors;  // of executors, from a file
  std::string environment;
};

// The digest of all that is shown, hex.
std::string shown_digest(const contracts::ShownApproval& shown);

base::Result<void> check_referral(const contracts::ReferralApproval& referral, const contracts::MessageKey& key, const ExecutorTrust& trust,
                                  base::WallTime now);

base::Result<void> check_stored(const Approval& approval, const contracts::ReferralApproval& referral, const ExecutorTrust& trust,
                                base::WallTime now);

}  // namespace countersign::approval
