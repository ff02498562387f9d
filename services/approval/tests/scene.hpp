#pragma once

// A deployment in small, for tests: an executor that signs, people and an issuer with keys, and an action to decide about. Everything is
// signed for real.

#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "approval/referral_check.hpp"
#include "catalog/trust.hpp"
#include "contracts/codec.hpp"
#include "contracts/messages.hpp"
#include "contracts/token_claims.hpp"
#include "crypto/base64.hpp"
#include "crypto/digest.hpp"
#include "crypto/jws.hpp"
#include "crypto/random.hpp"

namespace countersign::approval::testing {

using nlohmann::json;

inline const std::string environment = "test";

inline std::int64_t now_s() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

inline crypto::SigningKey new_key(const std::string& kid) { return {kid, crypto::make_ed25519_key_pair()}; }

inline json key_member(const crypto::SigningKey& key) { return {{"kid", key.kid}, {"x", crypto::base64url_encode(key.pair.public_key)}}; }

inline crypto::KeySet anchors_of(const crypto::SigningKey& key) {
  crypto::KeySet set;
  EXPECT_TRUE(set.add(key.kid, key.pair.public_key));
  return set;
}

inline std::string hex_of(const std::string& text) { return crypto::sha256(text).hex(); }

// The tools, people and issuers of tenant acme; ada, bob and cem may approve, fay also holds `finance`.
class Scene {
 public:
  crypto::SigningKey executor = new_key("executor-1");
  crypto::SigningKey approval = new_key("approval-1");
  crypto::SigningKey bridge = new_key("bridge-1");  // of the issuer `desk`
  std::map<std::string, crypto::SigningKey> keys;   // of people

  Scene() {
    for (const char* name : {"ada", "bob", "cem", "fay", "guest"}) keys.emplace(name, new_key(std::string(name) + "-1"));
  }

  std::string person(const std::string& name, const std::vector<std::string>& roles, std::int64_t version = 1,
                     const json& more = json::object()) const {
    json body{{"kind", "person"},
              {"tenant", "acme"},
              {"name", name},
              {"version", version},
              {"display_name", name},
              {"roles", roles},
              {"keys", {key_member(keys.at(name))}},
              {"identities", {{{"issuer", "desk"}, {"subject", "U-" + name}}}},
              {"aliases", {"customer-" + name}}};
    body.update(more);
    return body.dump();
  }
  std::string issuer(const json& may_vouch = {{"people", {"*"}}}) const {
    return json{{"kind", "issuer"},      {"tenant", "acme"}, {"name", "desk"}, {"version", 1}, {"keys", {key_member(bridge)}},
                {"may_vouch", may_vouch}}
        .dump();
  }
  std::vector<std::string> everybody() const {
    return {person("ada", {"approver"}), person("bob", {"approver"}),
            person("cem", {"approver"}), person("fay", {"approver", "finance"}),
            person("guest", {"reader"}), issuer()};
  }

  // What a reviewer is asked about: a refund of 40.00 EUR. `change` sees it before its digests are made.
  template <typename Change>
  contracts::ShownApproval shown(const base::Uuid& id, Change change) const {
    contracts::ShownApproval shown;
    shown.tenant = "acme";
    shown.ticket_id = "T-1";
    shown.run = 1;
    shown.step = 2;
    shown.approval_id = id;
    shown.sentence = "Pay back 40.00 EUR for order O-1.";
    shown.why = {{"refund-over-25", "Refunds over 25 EUR need a person.", "handbook 4.2"}};
    shown.requester = {"customer-7", "Kim"};
    shown.requested_at = "2024-05-01T10:00:00.000000Z";
    shown.requirement = {.rules = {"refund-over-25"},
                         .roles = {{"approver", 1}},
                         .quorum = 1,
                         .stages = {},
                         .exclusions = {"customer-7"},
                         .expires_after_s = 3600};
    shown.evidence = {{1, "look", "lookup_order", contracts::Json(json{{"captured", "4000"}}), "2024-05-01T09:59:00Z", ""}};
    auto& action = shown.action;
    action.ticket_version = 1;
    action.tool = "issue_refund";
    action.tool_version = 1;
    action.manifest_digest = manifest_digest;
    action.environment = environment;
    action.target = "O-1";
    action.arguments = contracts::Json(json{{"order_id", "O-1"}, {"amount", {{"minor", "4000"}, {"currency", "EUR"}}}});
    action.origins = {{"/order_id", "verified_field"}, {"/amount", "system_of_record"}};
    action.amount = base::Money{4000, "EUR"};
    action.operation_key = "refund:O-1";
    action.idempotency_key = "key-" + id.str();
    action.agent = {"support", 1};
    action.policy = {"support-refunds@1"};
    change(shown);
    seal(shown);
    return shown;
  }

  // Makes all digests anew.
  static void seal(contracts::ShownApproval& shown) {
    auto& action = shown.action;
    action.tenant = shown.tenant;
    action.ticket_id = shown.ticket_id;
    action.run = shown.run;
    action.step = shown.step;
    action.actor = shown.actor;
    action.evidence.clear();
    for (auto& one : shown.evidence) {
      one.digest = hex_of(contracts::evidence_text(one));
      action.evidence.push_back(one.digest);
    }
    if (shown.preview) action.preview_digest = shown.preview->digest = hex_of(contracts::preview_text(*shown.preview));
    action.requirement_digest = shown.requirement_digest = hex_of(contracts::requirement_text(shown.requirement));
    shown.action_digest = hex_of(contracts::action_text(action));
  }

  contracts::ReferralApproval sign(const contracts::ShownApproval& shown) const { return sign(shown, claims_of(shown), executor); }
  static contracts::ReferralApproval sign(const contracts::ShownApproval& shown, const contracts::RequestClaims& claims,
                                          const crypto::SigningKey& key) {
    return {shown, crypto::sign_jws(key, contracts::token_types::request, contracts::encode(claims))};
  }
  static contracts::RequestClaims claims_of(const contracts::ShownApproval& shown) {
    contracts::RequestClaims claims;
    claims.environment = environment;
    claims.tenant = shown.tenant;
    claims.approval_id = shown.approval_id;
    claims.action_digest = shown.action_digest;
    claims.requirement_digest = shown.requirement_digest;
    claims.shown_digest = shown_digest(shown);
    claims.issued_at = now_s();
    return claims;
  }

  // What a person says with a key of their own.
  static contracts::DecisionClaims decision(const contracts::ShownApproval& shown, const std::string& person, const std::string& verb) {
    contracts::DecisionClaims claims;
    claims.issuer = contracts::person_issuer;
    claims.subject = person;
    claims.audience = contracts::decision_audience(environment);
    claims.tenant = shown.tenant;
    claims.approval_id = shown.approval_id;
    claims.action_digest = shown.action_digest;
    claims.verb = verb;
    if (verb != "approve") claims.reason = "Not this one.";
    claims.nonce = crypto::base64url_encode(crypto::random_bytes(18));
    claims.issued_at = now_s();
    claims.expires_at = claims.issued_at + 300;
    return claims;
  }
  // The same through the issuer.
  static contracts::DecisionClaims vouched(const contracts::ShownApproval& shown, const std::string& person, const std::string& verb) {
    auto claims = decision(shown, person, verb);
    claims.issuer = "desk";
    claims.subject = "U-" + person;
    return claims;
  }
  std::string sign(const contracts::DecisionClaims& claims) const {
    return sign(claims, claims.issuer == contracts::person_issuer ? keys.at(claims.subject) : bridge);
  }
  static std::string sign(const contracts::DecisionClaims& claims, const crypto::SigningKey& key) {
    return crypto::sign_jws(key, contracts::token_types::decision, contracts::encode(claims));
  }

  std::string manifest_digest = std::string(64, 'a');
};

inline catalog::Directory directory_of(const std::vector<std::string>& documents, const std::vector<std::string>& revoked = {}) {
  catalog::TrustMaterial material;
  catalog::Founders founders;
  founders.revoked_keys.insert(revoked.begin(), revoked.end());
  for (const auto& text : documents) {
    auto document = catalog::read_document(text);
    if (!document) ADD_FAILURE() << document.error().detail;
    founders.documents.insert(document->digest);
    material.documents.push_back(*std::move(document));
  }
  auto directory = catalog::Directory::believe(material, founders, environment);
  for (const auto& doubt : directory.doubts()) ADD_FAILURE() << doubt.label << ": " << doubt.reason;
  return directory;
}

inline base::Uuid id_number(int number) {
  char text[40];
  std::snprintf(text, sizeof text, "018f0000-0000-7000-8000-%012d", number);
  return *base::Uuid::parse(text);
}

}  // namespace countersign::approval::testing
