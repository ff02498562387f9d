#include "executor/countersignature_check.hpp"

#include "crypto/jws.hpp"

namespace countersign::executor {

namespace {

constexpr std::chrono::seconds longest_countersignature{std::chrono::hours{1}};

base::Result<void> check_subject(const contracts::CountersignatureClaims& claims, const Countersigned& expected) {
  const bool same = claims.issuer == contracts::CountersignatureClaims{}.issuer && claims.tenant == expected.tenant &&
                    claims.approval_id == expected.approval_id && claims.action_digest == expected.action_digest &&
                    claims.requirement_digest == expected.requirement_digest;
  if (!same) return base::refuse("countersignature_contradicts", "it is about another tenant, approval, action or requirement");
  return {};
}

}  // namespace

base::Result<contracts::CountersignatureClaims> read_countersignature(const std::string& token, const Countersigned& expected,
                                                                      const ApprovalKeys& keys) {
  const auto verified = crypto::verify_jws(token, contracts::token_types::countersignature, keys.anchors);
  if (!verified) return tl::unexpected(verified.error());
  auto claims = contracts::decode_countersignature_claims(verified->payload());
  if (!claims) return claims;
  if (const auto audience = contracts::check_audience(claims->audience, contracts::countersignature_audience(keys.environment)); !audience)
    return tl::unexpected(audience.error());
  if (const auto subject = check_subject(*claims, expected); !subject) return tl::unexpected(subject.error());
  return claims;
}

base::Result<void> check_countersignature_times(const contracts::CountersignatureClaims& claims, base::WallTime now) {
  return contracts::check_times(claims.issued_at, claims.expires_at, now, longest_countersignature);
}

}  // namespace countersign::executor
