// Approvals on a real database, from the executor's request to its end, with the log in memory.

#include "approval/tests/approval_scene.hpp"

namespace countersign::approval {
namespace {

using Types = std::vector<std::string>;
using testing::json;
using testing::Scene;

using ApprovalTest = testing::ApprovalSceneTest;

// ---- requests

TEST_F(ApprovalTest, AsksThePeopleOfTheRealm) {
  ask();
  const auto told = lab.sent("approvals");
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0]["sentence"], "Pay back 40.00 EUR for order O-1.");
  EXPECT_EQ(told[0]["allowed_decisions"], json({"approve", "deny", "request_changes"}));
  EXPECT_TRUE(told[0].contains("expires_at"));
  EXPECT_FALSE(told[0].contains("request"));
  EXPECT_TRUE(lab.sent("verdicts").empty());
  EXPECT_EQ(count("kept", "approval WHERE state = 'requested' AND expires_at > clock_timestamp() + interval '59 minutes'"), 1);
  EXPECT_EQ(count("history", "approval_history WHERE old_state IS NULL AND new_state = 'requested' AND outbox_id IS NOT NULL"), 1);
  EXPECT_EQ(count("audit", "audit.entry WHERE event = 'approval_requested' AND run = 1 AND step = 2"), 1);
}

TEST_F(ApprovalTest, AsksOnceForTheSameRequest) {
  const auto shown = ask();
  refer(scene.sign(shown), "referral.approval");
  EXPECT_EQ(lab.sent("approvals").size(), 1u);
  EXPECT_EQ(lab.dead(), "");
}

TEST_F(ApprovalTest, LetsTheFirstOfTwoRequestsWithOneIdStand) {
  const auto shown = ask();
  ask(1, [](auto& one) { one.action.amount->minor = 1; });
  EXPECT_EQ(lab.dead(), "approval_contradicted ");
  EXPECT_EQ(state(shown), "requested");
  EXPECT_TRUE(lab.sent("verdicts").empty());
  EXPECT_TRUE(lab.sent("handoffs").empty());
}

TEST_F(ApprovalTest, RefusesAForgedRequestAndGivesTheTicketToPeople) {
  auto forged = scene.sign(scene.shown(testing::id_number(1), [](auto&) {}));
  forged.shown.requirement.roles = {{"reader", 1}};
  Scene::seal(forged.shown);
  refer(forged, "referral.approval");
  EXPECT_EQ(lab.dead(), "request_contradicts_referral ");
  EXPECT_EQ(state(forged.shown), "none");
  ASSERT_EQ(told("verdicts"), Types{"verdict.withdrawn"});
  EXPECT_EQ(lab.sent("verdicts")[0]["codes"], json({"referral_unverifiable"}));
  EXPECT_EQ(lab.sent("verdicts")[0]["approval_id"], forged.shown.approval_id.str());
  EXPECT_EQ(told("handoffs"), Types{"handoff.opened"});
  EXPECT_TRUE(lab.sent("approvals").empty());
}

TEST_F(ApprovalTest, EndsTheWaitForARequestThatItCannotRead) {
  auto broken = json::parse(contracts::encode(scene.sign(scene.shown(testing::id_number(1), [](auto&) {}))));
  broken.erase("requirement");
  refer_text(broken.dump(), "referral.approval");
  EXPECT_EQ(lab.dead(), "member_missing ");
  ASSERT_EQ(told("verdicts"), Types{"verdict.withdrawn"});
  EXPECT_EQ(lab.sent("verdicts")[0]["step"], 2);
  EXPECT_EQ(told("handoffs"), Types{"handoff.opened"});
}

TEST_F(ApprovalTest, WithdrawsWhenTheExecutorDoes) {
  const auto shown = ask();
  withdraw(shown);
  EXPECT_EQ(state(shown), "withdrawn");
  EXPECT_EQ(told("approvals"), (Types{"approval.requested", "approval.withdrawn"}));
  EXPECT_TRUE(lab.sent("verdicts").empty());
  withdraw(shown);  // an end stays
  EXPECT_EQ(told("approvals").size(), 2u);
  decide(shown, "ada");
  EXPECT_EQ(refusals(), "approval_not_open ");
}

TEST_F(ApprovalTest, KeepsQuietAboutATenantThatNoRealmCarries) {
  ask(1, [](auto& one) { one.tenant = "initech"; });
  EXPECT_EQ(count("kept", "approval WHERE tenant_id = 'initech'"), 1);
  for (const char* topic : {"approvals", "approvals.beta", "approvals.gamma"}) EXPECT_TRUE(lab.broker().messages(topic).empty()) << topic;
}

// ---- grants

TEST_F(ApprovalTest, CountersignsWhenTheRequirementIsMet) {
  const auto shown = ask();
  decide(shown, "ada");
  EXPECT_EQ(state(shown), "approved");
  EXPECT_EQ(told("approvals"), (Types{"approval.requested", "approval.decision_recorded", "approval.granted"}));
  ASSERT_EQ(told("verdicts"), Types{"verdict.granted"});
  const auto verdict = lab.sent("verdicts")[0];
  EXPECT_EQ(verdict["people"], json({{{"person", "ada"}, {"role", "approver"}}}));
  const auto claims = claims_in(verdict);
  EXPECT_EQ(claims.action_digest, shown.action_digest);
  EXPECT_EQ(claims.requirement_digest, shown.requirement_digest);
  EXPECT_EQ(claims.approval_id, shown.approval_id);
  EXPECT_EQ(claims.audience, "executor/test");
  EXPECT_EQ(claims.expires_at - claims.issued_at, 120);
  ASSERT_EQ(claims.decisions.size(), 1u);
  EXPECT_EQ(claims.decisions[0].person, "ada");
  EXPECT_EQ(count("kept", "decision WHERE counted AND person = 'ada' AND digest = '" + claims.decisions[0].decision + "'"), 1);
  EXPECT_EQ(count("log", "countersignature WHERE NOT again AND jti = '" + claims.jti + "'"), 1);
  EXPECT_EQ(count("audit", "audit.entry WHERE event IN ('decision_counted', 'countersignature_issued', 'approval_granted')"), 3);
  EXPECT_EQ(count("history", "approval_history WHERE new_state = 'approved' AND outbox_id IS NOT NULL AND verdict_id IS NOT NULL"), 1);
}

TEST_F(ApprovalTest, WaitsForEveryoneWhoIsNeeded) {
  const auto shown = ask(1, [](auto& one) {
    one.requirement.roles = {{"approver", 1}, {"finance", 1}};
    one.requirement.quorum = 2;
  });
  decide(shown, "ada");
  EXPECT_EQ(state(shown), "requested");
  EXPECT_TRUE(lab.sent("verdicts").empty());
  decide(shown, "fay");
  EXPECT_EQ(state(shown), "approved");
  EXPECT_EQ(claims_in(lab.sent("verdicts")[0]).decisions.size(), 2u);
}

TEST_F(ApprovalTest, CountsAPersonOnceAndAnIssuerOnce) {
  const auto shown = ask(1, [](auto& one) { one.requirement.quorum = 2; });
  submit(shown, scene.sign(Scene::vouched(shown, "ada", "approve")));
  decide(shown, "ada");
  submit(shown, scene.sign(Scene::vouched(shown, "bob", "approve")));
  EXPECT_EQ(refusals(), "already_decided issuer_spent ");
  EXPECT_EQ(state(shown), "requested");
  decide(shown, "bob");
  EXPECT_EQ(state(shown), "approved");
}

TEST_F(ApprovalTest, ForgetsAVoteOfWhoHasLeftMeanwhile) {
  const auto shown = ask(1, [](auto& one) { one.requirement.quorum = 2; });
  decide(shown, "ada");
  // Nobody needs the founders' file for that.
  replace(scene.person("ada", {"approver"}, 2, {{"retired", true}}), {"bob", "cem"});
  decide(shown, "bob");
  EXPECT_EQ(state(shown), "requested");
  decide(shown, "cem");
  EXPECT_EQ(state(shown), "approved");
}

TEST_F(ApprovalTest, BelievesNobodyWhomOnlyTheDatabaseKnows) {
  const auto shown = ask();
  scene.keys.emplace("eve", testing::new_key("eve-1"));
  configure({scene.person("eve", {"approver", "finance"}), scene.person("guest", {"approver"}, 2)});
  decide(shown, "eve");
  decide(shown, "guest");
  EXPECT_EQ(refusals(), "signer_unknown role_missing ");
  EXPECT_EQ(state(shown), "requested");
}

// ---- denials and changes

TEST_F(ApprovalTest, DeniesAtOnce) {
  const auto shown = ask(1, [](auto& one) { one.requirement.quorum = 2; });
  decide(shown, "ada");
  decide(shown, "bob", "deny");
  EXPECT_EQ(state(shown), "denied");
  ASSERT_EQ(told("verdicts"), Types{"verdict.denied"});
  const auto verdict = lab.sent("verdicts")[0];
  EXPECT_EQ(verdict["people"][0]["person"], "bob");
  EXPECT_EQ(verdict["reason"], "Not this one.");
  EXPECT_EQ(verdict["codes"], json({"denied_by_person"}));
  EXPECT_EQ(told("approvals").back(), "approval.denied");
  decide(shown, "cem");
  EXPECT_EQ(refusals(), "approval_not_open ");
  EXPECT_EQ(count("none", "countersignature"), 0);
}

TEST_F(ApprovalTest, AsksForChanges) {
  const auto shown = ask();
  decide(shown, "ada", "request_changes");
  EXPECT_EQ(state(shown), "changes_requested");
  ASSERT_EQ(told("verdicts"), Types{"verdict.changes_requested"});
  EXPECT_EQ(lab.sent("verdicts")[0]["text"], "Not this one.");
  // Who shaped the next proposal does not approve it.
  const auto next = ask(2, [](auto& one) { one.action.operation_key = "refund:O-2"; });
  decide(next, "ada");
  EXPECT_EQ(refusals(), "contributed ");
  decide(next, "bob");
  EXPECT_EQ(state(next), "approved");
}

TEST_F(ApprovalTest, ShowsADenialToTheNextOneAndNeedsWhoDenied) {
  const auto first = ask();
  decide(first, "ada", "deny");
  const auto second = ask(2, [](auto& one) { one.ticket_id = "T-2"; });
  const auto told = lab.sent("approvals", "acme/T-2");
  ASSERT_EQ(told.size(), 1u);
  ASSERT_EQ(told[0]["denied_before"].size(), 1u);
  EXPECT_EQ(told[0]["denied_before"][0]["person"], "ada");
  EXPECT_EQ(told[0]["denied_before"][0]["approval_id"], first.approval_id.str());
  decide(second, "bob");
  EXPECT_EQ(refusals(), "denied_before ");
  decide(second, "ada");
  EXPECT_EQ(state(second), "approved");
}

}  // namespace
}  // namespace countersign::approval
