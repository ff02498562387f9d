// Somebody who can write to the database: what they put there grants nothing.

#include "approval/tests/approval_scene.hpp"

namespace countersign::approval {
namespace {

using Types = std::vector<std::string>;
using testing::json;
using testing::Scene;

class TamperingTest : public testing::ApprovalSceneTest {
 protected:
  void write(const std::string& sql) { lab.admin().execute_script(sql); }
  void alter(const contracts::ShownApproval& shown, const std::string& columns) {
    write("UPDATE approval SET " + columns + " WHERE approval_id = '" + shown.approval_id.str() + "'");
  }
  // A row as the service writes it for a vote that counted.
  void forge_vote(const contracts::ShownApproval& shown, const std::string& person, const std::string& jws) {
    write(
        "INSERT INTO decision (tenant_id, decision_id, approval_id, ticket_id, realm, digest, jws, person, issuer, kid, verb, nonce, "
        "counted, "
        "received_at) VALUES ('acme', gen_random_uuid(), '" +
        shown.approval_id.str() + "', '" + shown.ticket_id + "', 'main', '" + testing::hex_of(jws) + "', '" + jws + "', '" + person +
        "', 'person', '" + person + "-1', 'approve', gen_random_uuid()::text, true, clock_timestamp())");
  }
  std::string forged(const contracts::ShownApproval& shown, const std::string& person) {
    return Scene::sign(Scene::decision(shown, person, "approve"), testing::new_key(person + "-1"));
  }
  contracts::ShownApproval ask_two(int number = 1) {
    return ask(number, [&](auto& one) {
      one.requirement.quorum = 2;
      one.ticket_id = "T-" + std::to_string(number);
      one.action.operation_key = "refund:O-" + std::to_string(number);
    });
  }
  void soften(const contracts::ShownApproval& shown) { alter(shown, "shown = jsonb_set(shown, '{requirement,quorum}', '1')"); }
  json last_verdict(const std::string& key = "acme/T-1") { return lab.sent("verdicts", key).back(); }
};

TEST_F(TamperingTest, AVoteThatNobodySignedIsNone) {
  const auto shown = ask_two();
  forge_vote(shown, "bob", forged(shown, "bob"));
  decide(shown, "ada");
  EXPECT_EQ(state(shown), "requested");
  EXPECT_EQ(count("none", "countersignature"), 0);
  decide(shown, "cem");
  EXPECT_EQ(state(shown), "approved");
  const auto claims = claims_in(last_verdict());
  ASSERT_EQ(claims.decisions.size(), 2u);
  EXPECT_EQ(claims.decisions[0].person, "ada");
  EXPECT_EQ(claims.decisions[1].person, "cem");
}

TEST_F(TamperingTest, ASignatureUnderSomethingElseIsNoVoteEither) {
  const auto first = ask_two(1), second = ask_two(2);
  forge_vote(first, "bob", scene.sign(Scene::decision(second, "bob", "approve")));
  decide(first, "ada");
  EXPECT_EQ(state(first), "requested");
  forge_vote(second, "bob", scene.sign(Scene::decision(second, "bob", "deny")));
  decide(second, "ada");
  EXPECT_EQ(state(second), "requested");
}

TEST_F(TamperingTest, AnApprovalThatARowCallsGrantedIsNotGrantedAgain) {
  const auto bare = ask_two(1), stuffed = ask_two(2);
  forge_vote(stuffed, "ada", forged(stuffed, "ada"));
  forge_vote(stuffed, "bob", forged(stuffed, "bob"));
  for (const auto& shown : {bare, stuffed}) {
    alter(shown, "state = 'approved', decided_at = clock_timestamp(), people = '{ada,bob}'");
    renew(shown);
    EXPECT_EQ(state(shown), "withdrawn");
    EXPECT_EQ(told("verdicts", "acme/" + shown.ticket_id), Types{"verdict.withdrawn"});
    EXPECT_EQ(last_verdict("acme/" + shown.ticket_id)["codes"], json({"authority_gone"}));
  }
  EXPECT_EQ(count("none", "countersignature"), 0);
}

TEST_F(TamperingTest, ASofterRequirementGrantsNothing) {
  const auto shown = ask_two();
  soften(shown);
  decide(shown, "ada");
  EXPECT_EQ(state(shown), "withdrawn");
  EXPECT_EQ(told("verdicts"), Types{"verdict.withdrawn"});
  EXPECT_EQ(last_verdict()["codes"], json({"referral_unverifiable"}));
  EXPECT_EQ(told("approvals").back(), "approval.withdrawn");
  EXPECT_EQ(count("none", "countersignature"), 0);
  EXPECT_EQ(count("audit", "audit.entry WHERE event = 'approval_withdrawn' AND detail::text LIKE '%referral_unverifiable%'"), 1);
}

TEST_F(TamperingTest, ASofterRequirementWithNewDigestsGrantsNothingEither) {
  const auto shown = ask_two();
  auto softer = shown;
  softer.requirement.quorum = 1;
  Scene::seal(softer);
  alter(shown, "shown = '" + contracts::shown_text(softer) + "', action_digest = '" + softer.action_digest + "', requirement_digest = '" +
                   softer.requirement_digest + "', shown_digest = '" + shown_digest(softer) + "'");
  decide(softer, "ada");
  EXPECT_EQ(state(shown), "withdrawn");
  EXPECT_EQ(count("none", "countersignature"), 0);
}

TEST_F(TamperingTest, WhatWasSoftenedIsNotGrantedAgain) {
  const auto first = ask_two(1), second = ask_two(2);
  for (const auto& shown : {first, second})
    for (const char* name : {"ada", "bob"}) decide(shown, name);
  consume(second, claims_in(last_verdict("acme/T-2")).jti);
  for (const auto& shown : {first, second}) {
    soften(shown);
    renew(shown);
    EXPECT_EQ(told("verdicts", "acme/" + shown.ticket_id), (Types{"verdict.granted", "verdict.withdrawn"}));
    EXPECT_EQ(last_verdict("acme/" + shown.ticket_id)["codes"], json({"referral_unverifiable"}));
  }
  EXPECT_EQ(state(first), "withdrawn");
  EXPECT_EQ(state(second), "consumed");
  EXPECT_EQ(count("again", "countersignature WHERE again"), 0);
}

// Not tampering: ada cannot vote again, and what she signed with her key of then is still hers.
TEST_F(TamperingTest, AVoteOutlivesTheKeyThatItsPersonReplaced) {
  const auto shown = ask_two();
  decide(shown, "ada");
  const auto fresh = testing::key_member(testing::new_key("ada-2"));
  replace(scene.person("ada", {"approver"}, 2, {{"keys", {fresh}}}), {"bob", "cem"});
  decide(shown, "ada");
  EXPECT_EQ(refusals(), "jws_key_unknown ");
  decide(shown, "bob");
  EXPECT_EQ(state(shown), "approved");
  renew(shown);
  EXPECT_EQ(claims_in(last_verdict()).decisions.size(), 2u);
}

}  // namespace
}  // namespace countersign::approval
