#include "contracts/token_claims.hpp"

#include <nlohmann/json.hpp>

#include "contracts/guarded_json.hpp"
#include "contracts/member_reader.hpp"
#include "contracts/member_writer.hpp"
#include "contracts/text_rules.hpp"

namespace countersign::contracts {

namespace {

constexpr std::size_t most_decisions = 20;
constexpr std::size_t most_roles_of_one = 20;
constexpr const char* nonce_rule = "16 to 64 letters, digits, - and _";

template <typename C>
base::Result<C> decode_claims(std::string_view payload, C (*read)(MemberReader)) {
  auto object = read_json(payload);
  if (!object) return tl::unexpected(std::move(object.error()));
  Mistake mistake;
  C claims = read(MemberReader(*object, "", mistake));
  if (mistake.made()) return tl::unexpected(mistake.refusal());
  return claims;
}

RequestClaims read_request(MemberReader object) {
  object.only({"iss", "aud", "environment", "tenant", "approval_id", "action_digest", "requirement_digest", "shown_digest", "iat"});
  RequestClaims claims;
  claims.issuer = object.word("iss", {"executor"});
  claims.audience = object.word("aud", {"approval"});
  claims.environment = object.name("environment");
  claims.tenant = object.id("tenant");
  claims.approval_id = object.uuid("approval_id");
  claims.action_digest = object.digest("action_digest");
  claims.requirement_digest = object.digest("requirement_digest");
  claims.shown_digest = object.digest("shown_digest");
  claims.issued_at = object.count("iat", 0);
  return claims;
}

DecisionClaims read_decision(MemberReader object) {
  object.only({"iss", "sub", "aud", "tenant", "approval_id", "action_digest", "verb", "reason", "nonce", "iat", "exp"});
  DecisionClaims claims;
  claims.issuer = object.name("iss");
  claims.subject = object.text("sub", 1, 256);
  claims.audience = object.text("aud", 1, 128);
  claims.tenant = object.id("tenant");
  claims.approval_id = object.uuid("approval_id");
  claims.action_digest = object.digest("action_digest");
  claims.verb = object.ruled("verb", valid_verb, "approve, deny or request_changes");
  const bool must_explain = claims.verb != "approve";
  if (must_explain || object.has("reason")) claims.reason = object.text("reason", must_explain ? 1 : 0, 2000);
  claims.nonce = object.ruled("nonce", valid_nonce, nonce_rule);
  claims.issued_at = object.count("iat", 0);
  claims.expires_at = object.count("exp", 0);
  return claims;
}

CountersignedDecision read_countersigned(MemberReader object) {
  object.only({"person", "roles", "decision"});
  return {object.text("person", 1, 128), object.ruled_list("roles", most_roles_of_one, valid_name, "a name"), object.digest("decision")};
}

CountersignatureClaims read_countersignature(MemberReader object) {
  object.only({"iss", "aud", "tenant", "jti", "iat", "exp", "approval_id", "action_digest", "requirement_digest", "decisions"});
  CountersignatureClaims claims;
  claims.issuer = object.word("iss", {"approval"});
  claims.audience = object.text("aud", 1, 128);
  claims.tenant = object.id("tenant");
  claims.jti = object.ruled("jti", valid_nonce, nonce_rule);
  claims.issued_at = object.count("iat", 0);
  claims.expires_at = object.count("exp", 0);
  claims.approval_id = object.uuid("approval_id");
  claims.action_digest = object.digest("action_digest");
  claims.requirement_digest = object.digest("requirement_digest");
  for (const auto& decision : object.objects("decisions", most_decisions)) claims.decisions.push_back(read_countersigned(decision));
  if (object.intact() && claims.decisions.empty()) object.refuse("decisions", "a list with at least one decision");
  return claims;
}

MemberWriter write_countersigned(const CountersignedDecision& decision) {
  MemberWriter object;
  object.put("person", decision.person).put("roles", decision.roles).put("decision", decision.decision);
  return object;
}

ChangeClaims read_change(MemberReader object) {
  object.only({"iss", "sub", "aud", "tenant", "kind", "name", "version", "digest", "iat"});
  ChangeClaims claims;
  claims.issuer = object.word("iss", {person_issuer});
  claims.subject = object.text("sub", 1, 128);
  claims.audience = object.text("aud", 1, 128);
  claims.tenant = object.id("tenant");
  claims.kind = object.word("kind", {"person", "issuer"});
  claims.name = object.text("name", 1, 128);
  claims.version = object.count("version", 1);
  claims.digest = object.digest("digest");
  claims.issued_at = object.count("iat", 0);
  return claims;
}

std::int64_t seconds(base::WallTime time) { return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count(); }

}  // namespace

std::string encode(const RequestClaims& claims) {
  MemberWriter object;
  object.put("iss", claims.issuer).put("aud", claims.audience).put("environment", claims.environment).put("tenant", claims.tenant);
  object.put("approval_id", claims.approval_id).put("action_digest", claims.action_digest);
  object.put("requirement_digest", claims.requirement_digest).put("shown_digest", claims.shown_digest).put("iat", claims.issued_at);
  return object.text();
}

std::string encode(const DecisionClaims& claims) {
  MemberWriter object;
  object.put("iss", claims.issuer).put("sub", claims.subject).put("aud", claims.audience).put("tenant", claims.tenant);
  object.put("approval_id", claims.approval_id).put("action_digest", claims.action_digest).put("verb", claims.verb);
  object.put("reason", claims.reason).put("nonce", claims.nonce).put("iat", claims.issued_at).put("exp", claims.expires_at);
  return object.text();
}

std::string encode(const CountersignatureClaims& claims) {
  MemberWriter object;
  object.put("iss", claims.issuer).put("aud", claims.audience).put("tenant", claims.tenant).put("jti", claims.jti);
  object.put("iat", claims.issued_at).put("exp", claims.expires_at).put("approval_id", claims.approval_id);
  object.put("action_digest", claims.action_digest).put("requirement_digest", claims.requirement_digest);
  return object.list("decisions", claims.decisions, write_countersigned).text();
}

std::string encode(const ChangeClaims& claims) {
  MemberWriter object;
  object.put("iss", claims.issuer).put("sub", claims.subject).put("aud", claims.audience).put("tenant", claims.tenant);
  object.put("kind", claims.kind).put("name", claims.name).put("version", claims.version).put("digest", claims.digest);
  return object.put("iat", claims.issued_at).text();
}

base::Result<RequestClaims> decode_request_claims(std::string_view payload) { return decode_claims(payload, read_request); }
base::Result<DecisionClaims> decode_decision_claims(std::string_view payload) { return decode_claims(payload, read_decision); }
base::Result<CountersignatureClaims> decode_countersignature_claims(std::string_view payload) {
  return decode_claims(payload, read_countersignature);
}
base::Result<ChangeClaims> decode_change_claims(std::string_view payload) { return decode_claims(payload, read_change); }

std::string decision_audience(std::string_view environment) { return "countersign/" + std::string(environment); }
std::string countersignature_audience(std::string_view environment) { return "executor/" + std::string(environment); }

base::Result<void> check_audience(std::string_view audience, std::string_view expected) {
  if (audience == expected) return {};
  return base::refuse("token_audience_wrong", "the token is meant for " + std::string(audience) + ", not for " + std::string(expected));
}

base::Result<void> check_issued(std::int64_t issued_at, base::WallTime now) {
  if (issued_at <= seconds(now) + clock_skew.count()) return {};
  return base::refuse("token_not_yet_valid", "the token was issued in the future; compare the clocks");
}

base::Result<void> check_times(std::int64_t issued_at, std::int64_t expires_at, base::WallTime now, std::chrono::seconds longest) {
  if (auto issued = check_issued(issued_at, now); !issued) return issued;
  if (expires_at - issued_at > longest.count())
    return base::refuse("token_lives_too_long", "the token may live " + std::to_string(longest.count()) + " s after it was issued");
  if (expires_at <= issued_at || seconds(now) >= expires_at + clock_skew.count())
    return base::refuse("token_expired", "the token has expired; sign again");
  return {};
}

}  // namespace countersign::contracts
