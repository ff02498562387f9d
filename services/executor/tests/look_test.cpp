// How unknown effects are found out, against a real database and a real target.

#include "executor/tests/ledger_fixture.hpp"
#include "executor/tests/rude_shop.hpp"

namespace countersign::executor::testing {

class LookTest : public LedgerTest {
 protected:
  LookTest() { claims_alone = true; }
};

TEST_F(LookTest, FindsAnUnknownEffectByReading) {
  orders.on_refund = [](const http::Request&) { return answer(500, "{}"); };
  open("T-1", both_steps());
  run_to_end();
  ASSERT_EQ(effect_state("T-1", 2), "unknown");
  EXPECT_EQ(orders.keys().size(), 3U);  // as often as the manifest allows, under one key
  let_looks_be_due();
  EXPECT_EQ(life().reconciler.look_once(), 1U);
  EXPECT_EQ(effect_state("T-1", 2), "succeeded");
  EXPECT_EQ(word("SELECT receipt ->> 'reconciled' FROM executor.effect"), "r-1");
  run_to_end();
  EXPECT_EQ(run_state("T-1"), "stopped resolved");
  EXPECT_EQ(orders.refunds(), 1);
}

TEST_F(LookTest, RepeatsUnderTheSameKeyWhatWasNotFound) {
  RudeShop shop;
  install(shop.serve(refund_manifest()));
  open("T-1", both_steps());
  run_until([&] { return step_state("T-1", 1) == "succeeded"; });
  ASSERT_EQ(life().claimer.claim_once(), 1U);
  let_leases_end();
  EXPECT_EQ(life().reaper.reap_once(), 1U);
  ASSERT_EQ(effect_state("T-1", 2), "unknown");
  shop.well = true;
  let_looks_be_due();
  EXPECT_EQ(life().reconciler.look_once(), 1U);
  EXPECT_EQ(effect_state("T-1", 2), "ready");
  run_to_end();
  EXPECT_EQ(effect_state("T-1", 2), "succeeded");
  ASSERT_EQ(shop.heard().size(), 1U);
  EXPECT_NE(shop.heard()[0].find("Idempotency-Key: " + word("SELECT idempotency_key FROM executor.effect")), std::string::npos);
}

TEST_F(LookTest, WaitsForTheSettleTimeBeforeItBelievesInAbsence) {
  orders.on_refund = [](const http::Request&) { return answer(500, "{}"); };
  open("T-1", both_steps());
  run_to_end();
  orders.forget_refunds();
  let_looks_be_due("1 second");
  EXPECT_EQ(life().reconciler.look_once(), 1U);
  EXPECT_EQ(effect_state("T-1", 2), "unknown");
}

TEST_F(LookTest, HandsOffWhatAToolWithoutKeysDoesNotShow) {
  RudeShop shop;
  install(shop.serve(without_keys(refund_manifest())));
  open("T-1", both_steps());
  run_to_end();
  let_looks_be_due();
  EXPECT_EQ(life().reconciler.look_once(), 1U);
  EXPECT_EQ(effect_state("T-1", 2), "unknown");
  EXPECT_EQ(number("SELECT count(*) FROM executor.effect WHERE overdue"), 1);
  EXPECT_EQ(run_state("T-1"), "stopped escalated");
  EXPECT_EQ(number("SELECT count(*) FROM executor.outbox WHERE type = 'referral.handoff'"), 1);
  let_looks_be_due();
  EXPECT_EQ(life().reconciler.look_once(), 1U);
  EXPECT_EQ(number("SELECT count(*) FROM executor.outbox WHERE type = 'referral.handoff'"), 1);
  EXPECT_EQ(shop.heard().size(), 1U);
}

TEST_F(LookTest, KeepsLookingWhileTheTargetIsSilent) {
  orders.on_refund = [](const http::Request&) { return answer(500, "{}"); };
  orders.on_find = [](const http::Request&) { return answer(503, "{}"); };
  open("T-1", both_steps());
  run_to_end();
  let_looks_be_due();
  EXPECT_EQ(life().reconciler.look_once(), 1U);
  EXPECT_EQ(effect_state("T-1", 2), "unknown");
  EXPECT_EQ(number("SELECT count(*) FROM executor.effect WHERE look_at > now() AND NOT overdue"), 1);
}

TEST_F(LookTest, DeniesAnotherEffectWhileOneIsUnresolved) {
  orders.on_refund = [](const http::Request&) { return answer(500, "{}"); };
  open("T-1", both_steps());
  run_to_end();
  ASSERT_EQ(effect_state("T-1", 2), "unknown");
  // An update supersedes the run once the effect is past its limit; the next run's plan wants another refund.
  orders.on_find = [](const http::Request&) { return answer(503, "{}"); };
  let_looks_be_due("1 hour");
  EXPECT_EQ(life().reconciler.look_once(), 1U);
  ASSERT_EQ(run_state("T-1"), "stopped escalated");
  change("T-1", [&](TicketCase& one, pipeline::Batch& batch) {
    one.ticket.version = 2;
    one.ticket.fields = contracts::Json(json{{"order_id", "A-18"}});
    one.ticket_changed = one.facts_changed = true;
    life().conductor.open_run(one, batch);
    contracts::PlanProposed plan;
    plan.steps = {{"order", "lookup_order", contracts::Json(lookup_step()["arguments"])},
                  {"refund", "issue_refund", contracts::Json(refund_step()["arguments"])}};
    life().conductor.accept_plan(one, plan, {domain::RiskClass::read, domain::RiskClass::money}, batch);
  });
  run_to_end();
  EXPECT_EQ(word("SELECT array_to_string(codes, ' ') FROM executor.step WHERE run = 2 AND step = 2"), "effect_unresolved");
  EXPECT_EQ(run_state("T-1"), "stopped escalated");
}

TEST_F(LookTest, DoesNotTakeAnAnswerThatListsNothingForAnEffect) {
  auto manifest = refund_manifest();
  manifest["version"] = 2;
  manifest["reconcile"]["done_when"] = "/refunds";
  install(manifest);
  open("T-1", both_steps());
  run_until([&] { return step_state("T-1", 1) == "succeeded"; });
  ASSERT_EQ(life().claimer.claim_once(), 1U);
  let_leases_end();
  ASSERT_EQ(life().reaper.reap_once(), 1U);
  let_looks_be_due();
  EXPECT_EQ(life().reconciler.look_once(), 1U);
  EXPECT_EQ(effect_state("T-1", 2), "ready");
}

}  // namespace countersign::executor::testing
