// Asking people and hearing them, against a real database; the approval side is the test's.

#include "contracts/token_claims.hpp"
#include "crypto/digest.hpp"
#include "crypto/jws.hpp"
#include "domain/codes.hpp"
#include "executor/tests/approval_fixture.hpp"

namespace countersign::executor::testing {

using ApprovalRoundTest = ApprovalTest;

TEST_F(ApprovalRoundTest, AsksPeopleAndDoesItOnceTheyAgree) {
  open("T-1", both_steps());
  wait_for_referral();
  EXPECT_EQ(step_state("T-1", 2), "waiting_approval");
  EXPECT_EQ(orders.refunds(), 0);
  approve();
  EXPECT_EQ(step_state("T-1", 2), "ready");
  EXPECT_EQ(stage(), "cleared");
  run_to_end();
  EXPECT_EQ(effect_state("T-1", 2), "succeeded");
  EXPECT_EQ(run_state("T-1"), "stopped resolved");
  EXPECT_EQ(stage(), "consumed");
  EXPECT_EQ(orders.refunds(), 1);
  EXPECT_EQ(referrals("consumed"), 1);
  EXPECT_EQ(number("SELECT count(*) FROM executor.countersignature"), 1);
  for (const char* event : {"approval_requested", "approval_granted", "approval_consumed"}) EXPECT_EQ(audited(event), 1) << event;
}

TEST_F(ApprovalRoundTest, SignsExactlyWhatItShows) {
  open("T-1", both_steps());
  const auto referral = wait_for_referral();
  crypto::KeySet executor;
  ASSERT_TRUE(executor.add("executor-test", life().keys.signer.pair.public_key));
  const auto verified = crypto::verify_jws(referral.request, contracts::token_types::request, executor);
  ASSERT_TRUE(verified);
  const auto claims = contracts::decode_request_claims(verified->payload());
  ASSERT_TRUE(claims);
  const auto& shown = referral.shown;
  EXPECT_EQ(claims->environment, "test");
  EXPECT_EQ(claims->approval_id, shown.approval_id);
  EXPECT_EQ(claims->shown_digest, crypto::sha256(contracts::shown_text(shown)).hex());
  EXPECT_EQ(claims->action_digest, crypto::sha256(contracts::action_text(shown.action)).hex());
  EXPECT_EQ(claims->requirement_digest, crypto::sha256(contracts::requirement_text(shown.requirement)).hex());
  EXPECT_EQ(shown.action_digest, word("SELECT action_digest FROM executor.approval"));
}

TEST_F(ApprovalRoundTest, ShowsTheActionTheReasonAndTheEvidence) {
  open("T-1", both_steps());
  const auto shown = wait_for_referral().shown;
  EXPECT_EQ(shown.sentence, "Returns money for an order, 25.00 EUR (order_id=A-17).");
  ASSERT_EQ(shown.why.size(), 1U);
  EXPECT_EQ(shown.why[0].citation, "handbook 4");
  ASSERT_EQ(shown.evidence.size(), 1U);
  EXPECT_EQ(shown.evidence[0].name, "order");
  EXPECT_TRUE(shown.preview_absent);
  EXPECT_EQ(shown.requester.id, "cust-1");
  EXPECT_EQ(shown.action.policy, (std::vector<std::string>{"people@2", "refunds@1"}));
  EXPECT_EQ(shown.action.origins.at("/order_id"), "verified_field");
  EXPECT_EQ(shown.requirement.roles, (std::vector<domain::RoleDuty>{{"approver", 1}}));
}

TEST_F(ApprovalRoundTest, ExcludesWhoAskedAndWhoWrote) {
  open("T-1", both_steps());
  admin->execute_script(
      "INSERT INTO executor.ticket_message VALUES ('acme', 'T-1', 1, 'agent', 'clerk-7', 'please'), ('acme', 'T-1', 2, 'system', NULL, "
      "'x')");
  EXPECT_EQ(wait_for_referral().shown.requirement.exclusions, (std::vector<std::string>{"clerk-7", "cust-1"}));
}

TEST_F(ApprovalRoundTest, AsksForWhatTheFloorDemandsThoughPolicyAllows) {
  want_no_approval(3);
  install({{"kind", "floor"},
           {"tenant", "acme"},
           {"name", "money"},
           {"version", 1},
           {"demands",
            {{{"classes", {"money"}},
              {"above", {{"minor", "1000"}, {"currency", "EUR"}}},
              {"sentence", "Refunds over 10 want finance."},
              {"duties", {{"roles", {{{"role", "finance"}, {"people", 2}}}}}}}}}});
  open("T-1", both_steps());
  const auto requirement = wait_for_referral().shown.requirement;
  EXPECT_TRUE(requirement.floor);
  EXPECT_EQ(requirement.roles, (std::vector<domain::RoleDuty>{{"finance", 2}}));
}

TEST_F(ApprovalRoundTest, ShowsWhatTheToolWouldChange) {
  install(previewing_manifest());
  open("T-1", both_steps());
  const auto shown = wait_for_referral().shown;
  ASSERT_TRUE(shown.preview);
  EXPECT_FALSE(shown.preview_absent);
  EXPECT_EQ(shown.preview->after, contracts::Json(json{{"refunded", 2500}}));
  EXPECT_EQ(shown.preview->note, "takes three days");
  EXPECT_EQ(shown.action.preview_digest, shown.preview->digest);
  EXPECT_EQ(shown.rollback_note, "Payments can claw it back within a day.");
  EXPECT_EQ(orders.keys().size(), 0U);
}

TEST_F(ApprovalRoundTest, ReadsTheTargetOnceMoreBeforeItActs) {
  install(previewing_manifest());
  open("T-1", both_steps());
  wait_for_referral();
  approve();
  EXPECT_EQ(stage(), "granted");
  EXPECT_EQ(step_state("T-1", 2), "waiting_approval");
  run_until([&] { return effect_state("T-1", 2) == "succeeded"; });
  EXPECT_EQ(orders.previews(), 2);
}

TEST_F(ApprovalRoundTest, AsksAgainWithTheDifferenceWhenTheTargetHasChanged) {
  install(previewing_manifest());
  open("T-1", both_steps());
  const auto first = wait_for_referral();
  orders.refunded_before = 500;
  approve();
  run_until([&] { return referrals("approval") == 2; });
  const auto second = latest_referral();
  EXPECT_NE(second.shown.approval_id, first.shown.approval_id);
  ASSERT_TRUE(second.shown.difference);
  EXPECT_EQ(second.shown.difference->is.value().at("refunded"), 500);
  EXPECT_EQ(last_message("referral.withdrawn").at("codes"), json::array({"target_changed"}));
  EXPECT_EQ(orders.refunds(), 0);
  tell(granted(first));  // what was withdrawn helps nobody any more
  EXPECT_EQ(stage(), "requested");
  approve();
  run_until([&] { return effect_state("T-1", 2) == "succeeded"; });
}

TEST_F(ApprovalRoundTest, GivesUpOnATargetThatNeverStandsStill) {
  install(previewing_manifest());
  open("T-1", both_steps());
  for (int asked = 1; asked <= most_asked; ++asked) {
    run_until([&] { return referrals("approval") == asked; });
    orders.refunded_before = asked;
    approve();
  }
  run_until([&] { return step_state("T-1", 2) == "denied"; });
  EXPECT_EQ(step_codes("T-1", 2), "approval_unsettled");
  EXPECT_EQ(run_state("T-1"), "stopped escalated");
  EXPECT_EQ(orders.refunds(), 0);
}

TEST_F(ApprovalRoundTest, LooksAgainWhenTheSecondLookIsTooOld) {
  install(previewing_manifest());
  open("T-1", both_steps());
  wait_for_referral();
  approve();
  run_until([&] { return life().previewer.look_once() == 1; });
  ASSERT_EQ(stage(), "cleared");
  admin->execute_script("UPDATE executor.approval SET cleared_until = now() - interval '1 second'");
  ASSERT_EQ(life().claimer.claim_once(), 1U);
  EXPECT_EQ(stage(), "granted");
  EXPECT_EQ(step_state("T-1", 2), "waiting_approval");
  run_until([&] { return effect_state("T-1", 2) == "succeeded"; });
  EXPECT_EQ(orders.previews(), 3);
}

TEST_F(ApprovalRoundTest, EndsAStepWhoseTargetSaysNothing) {
  orders.on_preview = [](const http::Request&) { return answer(200, R"({"before":{}})"); };
  install(previewing_manifest());
  open("T-1", both_steps());
  run_until([&] { return step_state("T-1", 2) == "denied"; });
  EXPECT_EQ(step_codes("T-1", 2), "preview_failed");
  EXPECT_EQ(run_state("T-1"), "stopped escalated");
  EXPECT_EQ(orders.previews(), 6);
  EXPECT_EQ(referrals("withdrawn"), 0);  // nobody had been asked
}

TEST_F(ApprovalRoundTest, BlamesNobodyForALookUnderAnOldConfiguration) {
  install(previewing_manifest());
  open("T-1", both_steps());
  run_until([&] { return step_state("T-1", 1) == "succeeded"; });
  ASSERT_EQ(life().claimer.claim_once(), 1U);
  install({{"kind", "constant"}, {"tenant", "acme"}, {"name", "other"}, {"version", 1}, {"value", 1}});
  EXPECT_EQ(life().previewer.look_once(), 1U);
  EXPECT_EQ(stage(), "previewing");
  EXPECT_EQ(number("SELECT looks FROM executor.approval"), 0);
  life().configuration.refresh_once();
  wait_for_referral();
}

TEST_F(ApprovalRoundTest, BlamesNobodyForALookThatWasHeldBack) {
  orders.on_preview = [](const http::Request&) { return answer(503, ""); };
  install(previewing_manifest());
  for (int ticket = 1; ticket <= 3; ++ticket) open("T-" + std::to_string(ticket), both_steps(), "A-" + std::to_string(16 + ticket));
  for (int turns = 0; turns < 40; ++turns) turn();  // the target is left alone after ten, but for a probe
  EXPECT_GE(orders.previews(), 10);
  EXPECT_EQ(number("SELECT sum(looks) FROM executor.approval"), orders.previews());
  EXPECT_EQ(number("SELECT count(*) FROM executor.step WHERE step = 2 AND state = 'waiting_approval'"), 3);
}

TEST_F(ApprovalRoundTest, TakesOverALookWhoseLaneDied) {
  install(previewing_manifest());
  open("T-1", both_steps());
  run_until([&] { return step_state("T-1", 1) == "succeeded"; });
  ASSERT_EQ(life().claimer.claim_once(), 1U);
  ASSERT_EQ(stage(), "previewing");
  admin->execute_script("UPDATE executor.approval SET token = gen_random_uuid(), lease_until = now() + interval '1 minute'");
  EXPECT_EQ(life().previewer.look_once(), 0U);
  admin->execute_script("UPDATE executor.approval SET lease_until = now() - interval '1 second'");
  EXPECT_EQ(life().previewer.look_once(), 1U);
  EXPECT_EQ(stage(), "requested");
}

TEST_F(ApprovalRoundTest, DeniesWhatAPersonDenied) {
  open("T-1", both_steps());
  auto verdict = ended(wait_for_referral(), "denied");
  verdict.reason = "not this one";
  verdict.codes = {"denied_by_person"};
  verdict.people = {{"lena", {}}};
  tell(verdict);
  EXPECT_EQ(step_state("T-1", 2), "denied");
  EXPECT_EQ(step_codes("T-1", 2), "denied_by_person");
  EXPECT_EQ(run_state("T-1"), "awaiting_plan");
  EXPECT_EQ(last_message("step.denied").at("codes"), json::array({"denied_by_person"}));
  EXPECT_EQ(referrals("withdrawn"), 0);
}

TEST_F(ApprovalRoundTest, PassesOnWhatAPersonWantsChanged) {
  open("T-1", both_steps());
  auto verdict = ended(wait_for_referral(), "changes_requested");
  verdict.text = "half of it";
  verdict.people = {{"lena", {}}};
  tell(verdict);
  EXPECT_EQ(step_state("T-1", 2), "denied");
  EXPECT_EQ(stage(), "changes_requested");
  EXPECT_EQ(last_message("step.changes_requested").at("text"), "half of it");
  EXPECT_EQ(run_state("T-1"), "awaiting_plan");
}

TEST_F(ApprovalRoundTest, ExpiresWhatNobodyAnswered) {
  open("T-1", both_steps());
  tell(ended(wait_for_referral(), "expired"));
  EXPECT_EQ(step_state("T-1", 2), "expired");
  EXPECT_EQ(last_message("step.expired").at("codes"), json::array({"approval_expired"}));
}

TEST_F(ApprovalRoundTest, EscalatesWhatApprovalWithdrew) {
  open("T-1", both_steps());
  auto verdict = ended(wait_for_referral(), "withdrawn");
  verdict.codes = {"authority_gone"};
  tell(verdict);
  EXPECT_EQ(step_state("T-1", 2), "withdrawn");
  EXPECT_EQ(run_state("T-1"), "stopped escalated");
}

TEST_F(ApprovalRoundTest, EndsTheWaitWhenNobodyCanReadTheVerdict) {
  open("T-1", both_steps());
  wait_for_referral();
  tell_unreadable();
  EXPECT_EQ(step_state("T-1", 2), "denied");
  EXPECT_EQ(step_codes("T-1", 2), "verdict_unreadable");
  EXPECT_EQ(run_state("T-1"), "stopped escalated");
  EXPECT_EQ(stage(), "withdrawn");
  EXPECT_EQ(referrals("withdrawn"), 1);
}

TEST_F(ApprovalRoundTest, DropsAVerdictAboutAnotherApproval) {
  open("T-1", both_steps());
  const auto referral = wait_for_referral();
  auto verdict = ended(referral, "denied");
  verdict.reason = "r";
  verdict.approval_id = *base::Uuid::parse("01890000-0000-7000-8000-000000000001");
  tell(verdict);
  verdict = ended(referral, "denied");
  verdict.reason = "r";
  verdict.step = 1;
  tell(verdict);
  EXPECT_EQ(stage(), "requested");
}

TEST_F(ApprovalRoundTest, DropsAVerdictThatComesAfterTheClaim) {
  open("T-1", both_steps());
  const auto referral = wait_for_referral();
  approve();
  ASSERT_EQ(life().claimer.claim_once(), 1U);
  auto verdict = ended(referral, "denied");
  verdict.reason = "too late";
  tell(verdict);
  tell(granted(referral));
  EXPECT_EQ(stage(), "consumed");
  run_to_end();
  EXPECT_EQ(effect_state("T-1", 2), "succeeded");
}

TEST_F(ApprovalRoundTest, WithdrawsWhatWaitsWhenTheRunStops) {
  open("T-1", both_steps());
  wait_for_referral();
  change("T-1", [&](TicketCase& one, pipeline::Batch& batch) { life().conductor.stop(one, domain::StopCause::ticket_closed, batch); });
  EXPECT_EQ(step_state("T-1", 2), "withdrawn");
  EXPECT_EQ(stage(), "withdrawn");
  EXPECT_EQ(last_message("referral.withdrawn").at("codes"), json::array({"run_stopping"}));
  EXPECT_EQ(run_state("T-1"), "stopped cancelled");
}

TEST_F(ApprovalRoundTest, WithdrawsWhatWasGrantedWhenTheRunStops) {
  open("T-1", both_steps());
  wait_for_referral();
  approve();
  change("T-1", [&](TicketCase& one, pipeline::Batch& batch) { life().conductor.stop(one, domain::StopCause::message_added, batch); });
  EXPECT_EQ(stage(), "withdrawn");
  EXPECT_EQ(referrals("withdrawn"), 1);
  settle();
  EXPECT_EQ(orders.refunds(), 0);
}

TEST_F(ApprovalRoundTest, KeepsNoTraceOfABatchThatFails) {
  open("T-1", both_steps());
  run_until([&] { return step_state("T-1", 1) == "succeeded"; });
  admin->execute_script("ALTER TABLE executor.approval ADD CONSTRAINT broken CHECK (asked < 1) NOT VALID");
  life().claimer.claim_once();
  EXPECT_EQ(step_state("T-1", 2), "ready");
  EXPECT_EQ(referrals("approval"), 0);
  admin->execute_script("ALTER TABLE executor.approval DROP CONSTRAINT broken");
  wait_for_referral();
  EXPECT_EQ(referrals("approval"), 1);
}

}  // namespace countersign::executor::testing
