// Decisions on a real database: whatever is wrong with one is kept with its reason and moves nothing.

#include <thread>

#include "approval/tests/approval_scene.hpp"

namespace countersign::approval {
namespace {

using Types = std::vector<std::string>;
using testing::json;
using testing::Scene;

class DecisionTest : public testing::ApprovalSceneTest {
 protected:
  template <typename Change>
  void decide_altered(Change change) {
    auto claims = Scene::decision(shown, "ada", "approve");
    change(claims);
    submit(shown, scene.sign(claims));
  }
  void expect_refused(const std::string& codes) {
    EXPECT_EQ(refusals(), codes);
    EXPECT_EQ(state(shown), "requested");
    EXPECT_TRUE(lab.sent("verdicts").empty());
    EXPECT_EQ(count("none", "countersignature"), 0);
  }

  contracts::ShownApproval shown = ask();
};

TEST_F(DecisionTest, RefusesWhatIsNotMeantForThisDeploymentOrTime) {
  decide_altered([](auto& claims) { claims.audience = "countersign/production"; });
  decide_altered([](auto& claims) {
    claims.issued_at -= 1200;
    claims.expires_at = claims.issued_at + 600;
  });
  decide_altered([](auto& claims) {
    claims.issued_at += 3600;
    claims.expires_at = claims.issued_at + 60;
  });
  decide_altered([](auto& claims) { claims.expires_at = claims.issued_at + 601; });
  expect_refused("token_audience_wrong token_expired token_not_yet_valid token_lives_too_long ");
}

TEST_F(DecisionTest, RefusesTheDigestOfAnotherAction) {
  decide_altered([](auto& claims) { claims.action_digest = std::string(64, '0'); });
  const auto older = scene.shown(shown.approval_id, [](auto& one) { one.action.ticket_version = 0; });
  decide_altered([&](auto& claims) { claims.action_digest = older.action_digest; });
  expect_refused("action_digest_wrong action_digest_wrong ");
}

TEST_F(DecisionTest, RefusesAnotherTenantOrApproval) {
  decide_altered([](auto& claims) { claims.tenant = "globex"; });
  decide_altered([](auto& claims) { claims.approval_id = testing::id_number(5); });
  expect_refused("decision_contradicts_message decision_contradicts_message ");
  EXPECT_EQ(told("approvals"), Types{"approval.requested"});  // nobody can make us speak about an approval with a decision for another
}

TEST_F(DecisionTest, RefusesStrangersWithoutAnAnswer) {
  submit(shown, "not a token");
  submit(shown, Scene::sign(Scene::decision(shown, "ada", "approve"), testing::new_key("ada-1")));
  submit(shown, Scene::sign(Scene::decision(shown, "mallory", "approve"), testing::new_key("mallory-1")));
  expect_refused("jws_malformed jws_signature_invalid signer_unknown ");
  EXPECT_EQ(count("nobody", "decision WHERE person IS NULL AND verb IS NULL AND nonce IS NULL AND NOT counted"), 3);
  EXPECT_EQ(told("approvals"), Types{"approval.requested"});
  EXPECT_EQ(count("audit", "audit.entry WHERE event = 'decision_refused'"), 3);
}

TEST_F(DecisionTest, AnswersThoseItKnows) {
  decide(shown, "guest");
  expect_refused("role_missing ");
  const auto told = lab.sent("approvals");
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(told[1]["person"], "guest");
  EXPECT_EQ(told[1]["counted"], false);
}

TEST_F(DecisionTest, RefusesTheRequester) {
  const auto own = ask(2, [](auto& one) {
    one.requester.id = "customer-ada";
    one.action.operation_key = "refund:O-2";
  });
  decide(own, "ada");
  EXPECT_EQ(refusals(), "excluded ");
  EXPECT_EQ(state(own), "requested");
}

TEST_F(DecisionTest, CountsADecisionThatComesTwiceOnce) {
  const auto jws = scene.sign(Scene::decision(shown, "guest", "approve"));
  submit(shown, jws);
  submit(shown, jws);
  EXPECT_EQ(refusals(), "role_missing ");
  EXPECT_EQ(lab.dead(), "");
  const auto granted = scene.sign(Scene::decision(shown, "ada", "approve"));
  submit(shown, granted);
  submit(shown, granted);
  EXPECT_EQ(count("counted", "decision WHERE counted"), 1);
  EXPECT_EQ(told("verdicts"), Types{"verdict.granted"});
}

TEST_F(DecisionTest, RefusesASpentNonceAndRaisesTheAlarm) {
  auto claims = Scene::decision(shown, "guest", "approve");
  submit(shown, scene.sign(claims));
  auto stolen = Scene::decision(shown, "ada", "approve");
  stolen.nonce = claims.nonce;
  submit(shown, scene.sign(stolen));
  expect_refused("role_missing nonce_spent ");
  EXPECT_EQ(lab.dead(), "nonce_spent ");
}

TEST_F(DecisionTest, LetsNobodySpendAnothersNonce) {
  const auto other = ask(2, [](auto& one) { one.ticket_id = "T-2"; });
  const auto jws = scene.sign(Scene::decision(shown, "ada", "approve"));
  submit(other, jws);  // the right decision in the wrong envelope, sent by somebody who saw it
  EXPECT_EQ(refusals(), "decision_contradicts_message ");
  submit(shown, jws);
  EXPECT_EQ(state(shown), "approved");
  EXPECT_EQ(state(other), "requested");
}

TEST_F(DecisionTest, SetsAsideWhatTheSchemaOrTheRealmDoesNotAdmit) {
  lab.send({.topic = "decisions", .type = "decision.submitted", .data = R"({"tenant":"acme","ticket_id":"T-1"})"});
  lab.run(service.decisions, 1);
  submit(shown, scene.sign(Scene::decision(shown, "ada", "approve")), "decisions.beta");
  const auto foreign = contracts::DecisionSubmitted{"acme", "T-2", shown.approval_id, "x.y.z"};
  lab.send({.topic = "decisions", .type = "decision.submitted", .data = contracts::encode(foreign)});
  lab.run(service.decisions, 1);
  expect_refused("");
  EXPECT_EQ(count("dead", "dead_letter"), 3);
  EXPECT_EQ(count("realm", "dead_letter WHERE reason = 'tenant_not_in_realm'"), 1);
}

TEST_F(DecisionTest, KnowsNoApprovalUnderAnotherTicket) {
  auto elsewhere = shown;
  elsewhere.ticket_id = "T-9";
  submit(elsewhere, scene.sign(Scene::decision(shown, "ada", "approve")));
  expect_refused("approval_unknown ");
}

TEST_F(DecisionTest, LetsOneOfTwoAtOnceWin) {
  send_decision(shown, scene.sign(Scene::decision(shown, "ada", "approve")));
  send_decision(shown, scene.sign(Scene::decision(shown, "bob", "deny")));
  lab.run(service.decisions, 2);
  EXPECT_EQ(state(shown), "approved");
  EXPECT_EQ(refusals(), "approval_not_open ");
  EXPECT_EQ(told("approvals"),
            (Types{"approval.requested", "approval.decision_recorded", "approval.granted", "approval.decision_recorded"}));
  EXPECT_EQ(told("verdicts"), Types{"verdict.granted"});
}

TEST_F(DecisionTest, WaitsUntilThePeopleHaveBeenRead) {
  lab.configure({});  // moves the configuration; the people of before may have left
  send_decision(shown, scene.sign(Scene::decision(shown, "ada", "approve")));
  for (int turn = 0; turn < 20; ++turn) EXPECT_EQ(service.decisions.run_once(std::chrono::milliseconds{5}), 0u);
  EXPECT_EQ(state(shown), "requested");
  EXPECT_EQ(lab.dead(), "");
  read_people();
  lab.run(service.decisions, 1);
  EXPECT_EQ(state(shown), "approved");
}

// The loop that watches the clock and the stage that hears people meet at the lock of the ticket; whoever comes second finds it done.
TEST_F(DecisionTest, MeetsTheClockAtTheLock) {
  std::vector<contracts::ShownApproval> asked{shown};
  for (int number = 2; number <= 6; ++number)
    asked.push_back(ask(number, [&](auto& one) { one.ticket_id = "T-" + std::to_string(number); }));
  let_time_pass();
  for (const auto& one : asked) send_decision(one, scene.sign(Scene::decision(one, "ada", "approve")));
  std::thread clock([&] {
    while (service.expirer.expire_once() > 0) continue;
  });
  lab.run(service.decisions, asked.size());
  clock.join();
  ASSERT_TRUE(lab.core().publisher().flush(std::chrono::seconds{5}));
  for (const auto& one : asked) {
    EXPECT_EQ(state(one), "expired");
    EXPECT_EQ(told("verdicts", one.tenant + "/" + one.ticket_id), Types{"verdict.expired"});
  }
  EXPECT_EQ(count("late", "decision WHERE code = 'approval_expired'"), 6);
  EXPECT_EQ(count("moves", "approval_history WHERE new_state = 'expired'"), 6);
}

// A transaction that was rolled back after everything was folded leaves nothing, and the next attempt makes everything once.
TEST_F(DecisionTest, DoesEverythingOnceThoughTheFirstAttemptIsRolledBack) {
  lab.admin().execute_script(
      "CREATE SEQUENCE attempts; GRANT USAGE ON SEQUENCE attempts TO countersign_approval; "
      "CREATE FUNCTION fail_once() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
      "IF nextval('approval.attempts') = 1 THEN RAISE EXCEPTION 'lost' USING ERRCODE = '40001'; END IF; RETURN NULL; END $$; "
      "CREATE TRIGGER fail_once AFTER INSERT ON countersignature FOR EACH STATEMENT EXECUTE FUNCTION fail_once()");
  decide(shown, "ada");
  EXPECT_EQ(lab.number("attempts", "SELECT last_value FROM attempts"), 2);
  EXPECT_EQ(state(shown), "approved");
  EXPECT_EQ(count("countersigned", "countersignature"), 1);
  EXPECT_EQ(count("spent", "spent_nonce"), 1);
  EXPECT_EQ(count("counted", "decision"), 1);
  EXPECT_EQ(told("verdicts"), Types{"verdict.granted"});
}

}  // namespace
}  // namespace countersign::approval
