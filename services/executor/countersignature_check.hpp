#pragma once

// read_countersignature, check_countersignature_times: whether a token says that people agreed to exactly this action, in this deployment,
// now. Pure.
//
// Failure    Refuses as crypto/jws.hpp, contracts/token_claims.hpp do, and with countersignature_contradicts when it is about something
//            else. token_expired is refused only of one that is right in everything else, so that it may be renewed.
// Threads    Any thread.
// Time       By the caller's clock, which is the database's, within contracts::clock_skew.

#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/uuid.hpp"
#include "contracts/token_claims.hpp"
#include "executor/approval_keys.hpp"

namespace countersign::executor {

// What it must be about.
struct Countersigned {
  std::string tenant;
  base::Uuid approval_id;
  std::string action_digest;
  std::string requirement_digest;
};

// Its claims without their times being looked at.
base::Result<contracts::CountersignatureClaims> read_countersignature(const std::string& token, const Countersigned& expected,
                                                                      const ApprovalKeys& keys);
base::Result<void> check_countersignature_times(const contracts::CountersignatureClaims& claims, base::WallTime now);

}  // namespace countersign::executor
