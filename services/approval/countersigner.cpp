#include "approval/countersigner.hpp"

#include <algorithm>

#include "base/invariant.hpp"
#include "crypto/jws.hpp"

namespace countersign::approval {

using std::chrono::floor;
using std::chrono::seconds;

Countersigner::Countersigner(crypto::SigningKey key, const std::string& environment, seconds validity)
    : key_(std::move(key)), audience_(contracts::countersignature_audience(environment)), validity_(validity) {}

Countersignature Countersigner::sign(const Approval& approval, std::vector<contracts::CountersignedDecision> decisions,
                                     const base::Uuid& jti, base::WallTime now) const {
  COUNTERSIGN_INVARIANT(!approval.over(now), "what is over is never countersigned");
  const auto issued = floor<seconds>(now);
  auto expires = issued + validity_;
  if (approval.expires_at) expires = std::min(expires, floor<seconds>(*approval.expires_at));

  contracts::CountersignatureClaims claims;
  claims.audience = audience_;
  claims.tenant = approval.tenant;
  claims.jti = jti.str();
  claims.issued_at = issued.time_since_epoch().count();
  claims.expires_at = expires.time_since_epoch().count();
  claims.approval_id = approval.id;
  claims.action_digest = approval.action_digest;
  claims.requirement_digest = approval.requirement_digest;
  claims.decisions = std::move(decisions);

  Countersignature made;
  made.approval = approval.key();
  made.jti = jti;
  made.kid = key_.kid;
  made.token = crypto::sign_jws(key_, contracts::token_types::countersignature, contracts::encode(claims));
  made.issued_at = issued;
  made.expires_at = expires;
  return made;
}

}  // namespace countersign::approval
