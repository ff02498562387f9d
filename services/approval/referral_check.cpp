#include "approval/referral_check.hpp"

#include <algorithm>
#include <limits>

#include "contracts/envelope.hpp"
#include "contracts/token_claims.hpp"
#include "crypto/digest.hpp"
#include "crypto/jws.hpp"

namespace countersign::approval {

namespace {

constexpr std::int64_t longest_wait_s = std::int64_t{10} * 366 * 24 * 60 * 60;
constexpr std::int64_t most_numbered = std::numeric_limits<std::int32_t>::max();

std::string digest_of(const std::string& text) { return crypto::sha256(text).hex(); }

base::Result<void> require(bool holds, const char* code, const char* detail) {
  if (!holds) return base::refuse(code, detail);
  return {};
}

base::Result<void> check_identity(const contracts::ShownApproval& shown, const std::string& environment) {
  const auto& action = shown.action;
  const bool same = action.tenant == shown.tenant && action.ticket_id == shown.ticket_id && action.run == shown.run &&
                    action.step == shown.step && action.actor == shown.actor;
  return require(same, "action_contradicts_referral", "the action is about another tenant, ticket, run, step or actor")
      .and_then([&] {
        const bool real = shown.run > 0 && shown.run <= most_numbered && shown.step > 0 && shown.step <= most_numbered;
        return require(real, "step_unreal", "no run or step has such a number");
      })
      .and_then(
          [&] { return require(action.environment == environment, "environment_wrong", "the action belongs to another deployment"); });
}

base::Result<void> check_evidence(const contracts::ShownApproval& shown) {
  std::vector<std::string> digests;
  for (const auto& one : shown.evidence) {
    if (digest_of(contracts::evidence_text(one)) != one.digest)
      return base::refuse("evidence_digest_wrong", "a piece of evidence is not what its digest says");
    digests.push_back(one.digest);
  }
  auto named = shown.action.evidence;
  std::sort(named.begin(), named.end());
  std::sort(digests.begin(), digests.end());
  return require(named == digests, "evidence_contradicts_action", "the action names other evidence than is shown");
}

base::Result<void> check_preview(const contracts::ShownApproval& shown) {
  if (!shown.preview) return require(!shown.action.preview_digest, "preview_missing", "the action names a preview that is not shown");
  const std::string digest = digest_of(contracts::preview_text(*shown.preview));
  const bool same = digest == shown.preview->digest && shown.action.preview_digest == digest && !shown.preview_absent;
  return require(same, "preview_digest_wrong", "the preview is not what its digest or the action says");
}

base::Result<void> check_requirement(const contracts::ShownApproval& shown) {
  const std::string digest = digest_of(contracts::requirement_text(shown.requirement));
  const bool same = digest == shown.requirement_digest && digest == shown.action.requirement_digest;
  const auto wait = shown.requirement.expires_after_s.value_or(1);
  return require(same, "requirement_digest_wrong", "the requirement is not what its digest or the action says")
      .and_then([&] {
        return require(!domain::shortfall_of(shown.requirement, {}).unsatisfiable, "requirement_unsatisfiable",
                       "no role is named, or stages are, so that nobody could ever approve");
      })
      .and_then([&] { return require(wait > 0 && wait <= longest_wait_s, "expiry_unreal", "no approval waits for such a time"); });
}

base::Result<void> check_action(const contracts::ShownApproval& shown) {
  return require(digest_of(contracts::action_text(shown.action)) == shown.action_digest, "action_digest_wrong",
                 "the action is not what its digest says")
      .and_then([&] {
        return require(!shown.action.holder_key || shown.holder, "holder_not_shown",
                       "the action accepts the holder of its operation key without showing it");
      });
}

base::Result<void> check_request(const contracts::ReferralApproval& referral, const ExecutorTrust& trust, base::WallTime now) {
  const auto verified = crypto::verify_jws(referral.request, contracts::token_types::request, trust.anchors);
  if (!verified) return tl::unexpected(verified.error());
  const auto claims = contracts::decode_request_claims(verified->payload());
  if (!claims) return tl::unexpected(claims.error());
  const auto& shown = referral.shown;
  contracts::RequestClaims expected;
  expected.environment = trust.environment;
  expected.tenant = shown.tenant;
  expected.approval_id = shown.approval_id;
  expected.action_digest = shown.action_digest;
  expected.requirement_digest = shown.requirement_digest;
  expected.shown_digest = shown_digest(shown);
  expected.issued_at = claims->issued_at;
  return require(*claims == expected, "request_contradicts_referral", "the executor has signed something else").and_then([&] {
    return contracts::check_issued(claims->issued_at, now);
  });
}

}  // namespace

std::string shown_digest(const contracts::ShownApproval& shown) { return digest_of(contracts::shown_text(shown)); }

base::Result<void> check_referral(const contracts::ReferralApproval& referral, const contracts::MessageKey& key, const ExecutorTrust& trust,
                                  base::WallTime now) {
  const auto& shown = referral.shown;
  return contracts::check_body(key, shown.tenant, shown.ticket_id)
      .and_then([&] { return check_identity(shown, trust.environment); })
      .and_then([&] { return check_evidence(shown); })
      .and_then([&] { return check_preview(shown); })
      .and_then([&] { return check_requirement(shown); })
      .and_then([&] { return check_action(shown); })
      .and_then([&] { return check_request(referral, trust, now); });
}

base::Result<void> check_stored(const Approval& approval, const contracts::ReferralApproval& referral, const ExecutorTrust& trust,
                                base::WallTime now) {
  return check_referral(referral, {approval.tenant, approval.ticket_id}, trust, now).and_then([&] {
    const auto& shown = referral.shown;
    const bool same = shown.approval_id == approval.id && shown.run == approval.run && shown.step == approval.step &&
                      shown.action == approval.action && shown.action_digest == approval.action_digest &&
                      shown.requirement == approval.requirement && shown.requirement_digest == approval.requirement_digest &&
                      shown.requester.id == approval.requester && shown.actor == approval.actor;
    return require(same, "approval_contradicts_referral", "the approval is another one than was referred");
  });
}

}  // namespace countersign::approval
