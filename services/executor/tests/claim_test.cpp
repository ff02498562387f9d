// What may be claimed, against a real database.

#include "executor/tests/ledger_fixture.hpp"
#include "executor/tests/rude_shop.hpp"

namespace countersign::executor::testing {

using ClaimTest = LedgerTest;

TEST_F(ClaimTest, DeniesAnOrderOfAnotherCustomer) {
  open("T-1", both_steps(), "B-1");
  run_to_end();
  EXPECT_EQ(step_state("T-1", 2), "denied");
  EXPECT_EQ(step_codes("T-1", 2), "denied_by_policy");
  EXPECT_EQ(orders.keys().size(), 0U);
  EXPECT_EQ(effect_state("T-1", 2), "");
}

TEST_F(ClaimTest, EscalatesAnAmountAboveTheLimit) {
  open("T-1", both_steps(), "BIG-1");
  run_to_end();
  EXPECT_EQ(step_codes("T-1", 2), "escalated_by_policy");
  EXPECT_EQ(run_state("T-1"), "stopped escalated");
  EXPECT_EQ(orders.keys().size(), 0U);
}

TEST_F(ClaimTest, DeniesAnAmountBelowZero) {
  orders.on_lookup = [](const http::Request&) {
    return answer(200, json{{"customer_id", "cust-1"}, {"captured", {{"minor", "-100"}, {"currency", "EUR"}}}}.dump());
  };
  open("T-1", both_steps());
  run_to_end();
  EXPECT_EQ(step_codes("T-1", 2), "amount_negative");
  EXPECT_EQ(orders.keys().size(), 0U);
}

TEST_F(ClaimTest, DeniesAnArgumentThatContradictsItsSource) {
  auto refund = refund_step();
  refund["arguments"]["amount"]["$value"] = {{"minor", "9900"}, {"currency", "EUR"}};
  open("T-1", json::array({lookup_step(), refund}));
  run_to_end();
  EXPECT_EQ(step_codes("T-1", 2), "source_contradicted");
  EXPECT_EQ(orders.keys().size(), 0U);
}

TEST_F(ClaimTest, DeniesAnAmountThatThePlannerMadeUp) {
  auto refund = refund_step();
  refund["arguments"]["amount"] = {{"minor", "2500"}, {"currency", "EUR"}};
  open("T-1", json::array({lookup_step(), refund}));
  run_to_end();
  EXPECT_EQ(step_codes("T-1", 2), "origin_not_accepted");
  EXPECT_EQ(orders.keys().size(), 0U);
}

TEST_F(ClaimTest, DeniesWhatWasReadByNobody) {
  open("T-1", json::array({refund_step()}));
  run_to_end();
  EXPECT_EQ(step_codes("T-1", 1), "source_absent");
}

TEST_F(ClaimTest, DeniesAToolThatNobodyKnows) {
  auto step = lookup_step();
  step["tool"] = "delete_everything";
  open("T-1", json::array({step}));
  run_to_end();
  EXPECT_EQ(step_codes("T-1", 1), "tool_unknown");
}

TEST_F(ClaimTest, DeniesASecondIntentOnAHeldOperationKey) {
  open("T-1", both_steps());
  run_to_end();
  open("T-2", both_steps());
  run_to_end();
  EXPECT_EQ(step_codes("T-2", 2), "operation_key_held");
  EXPECT_EQ(run_state("T-2"), "stopped escalated");
  EXPECT_EQ(orders.refunds(), 1);
}

TEST_F(ClaimTest, GivesAKeyThatTwoTicketsWantAtOnceToOneOfThem) {
  open("T-1", both_steps());
  open("T-2", both_steps());
  run_to_end();
  EXPECT_EQ(orders.refunds(), 1);
  EXPECT_EQ(number("SELECT count(*) FROM executor.step WHERE 'operation_key_held' = ANY (codes)"), 1);
}

TEST_F(ClaimTest, LetsGoOfAKeyWhoseWindowIsOver) {
  open("T-1", both_steps());
  run_to_end();
  admin->execute_script("UPDATE executor.effect SET held_until = now() - interval '1 second'");
  open("T-2", both_steps());
  run_to_end();
  EXPECT_EQ(effect_state("T-2", 2), "succeeded");
}

TEST_F(ClaimTest, LetsOnlyOneOfTwoExecutorsClaimAStep) {
  open("T-1", json::array({lookup_step()}));
  const auto other = another_life("executor-1");
  const auto mine = life().claimer.claim_once();
  EXPECT_EQ(mine + other->claimer.claim_once(), 1U);
}

TEST_F(ClaimTest, ClaimsNothingUnderAConfigurationThatHasMovedOn) {
  open("T-1", json::array({lookup_step()}));
  install(
      {{"kind", "policy"},
       {"tenant", "acme"},
       {"name", "freeze"},
       {"version", 1},
       {"rules",
        {{{"id", "freeze"}, {"sentence", "s"}, {"citation", "c"}, {"tools", {"*"}}, {"when", {{"always", true}}}, {"effect", "deny"}}}}});
  EXPECT_EQ(life().claimer.claim_once(), 0U);
  EXPECT_EQ(step_state("T-1", 1), "ready");
  run_to_end();
  EXPECT_EQ(step_codes("T-1", 1), "denied_by_policy");
  EXPECT_EQ(orders.lookups(), 0);
}

TEST_F(ClaimTest, HoldsTheKeyOfTheOperationAsTheManifestNamesItWhenItIsClaimedAgain) {
  claims_alone = true;
  RudeShop shop;
  install(shop.serve(refund_manifest()));
  open("T-1", both_steps());
  run_until([&] { return step_state("T-1", 1) == "succeeded"; });
  ASSERT_EQ(life().claimer.claim_once(), 1U);
  let_leases_end();
  ASSERT_EQ(life().reaper.reap_once(), 1U);
  let_looks_be_due();
  ASSERT_EQ(life().reconciler.look_once(), 1U);
  ASSERT_EQ(effect_state("T-1", 2), "ready");
  auto renamed = refund_manifest();
  renamed["version"] = 3;
  renamed["operation"]["name"] = "repay";
  install(renamed);
  run_to_end();
  ASSERT_EQ(effect_state("T-1", 2), "succeeded");
  open("T-2", both_steps());
  run_to_end();
  EXPECT_EQ(step_codes("T-2", 2), "operation_key_held");
  EXPECT_EQ(orders.refunds(), 1);
}

TEST_F(ClaimTest, SendsNothingThatAReplacedConfigurationAllowed) {
  claims_alone = true;
  open("T-1", both_steps());
  run_until([&] { return step_state("T-1", 1) == "succeeded"; });
  run_until([&] { return life().claimer.claim_once() == 1; });
  install(
      {{"kind", "policy"},
       {"tenant", "acme"},
       {"name", "freeze"},
       {"version", 1},
       {"rules",
        {{{"id", "freeze"}, {"sentence", "s"}, {"citation", "c"}, {"tools", {"*"}}, {"when", {{"always", true}}}, {"effect", "deny"}}}}});
  run_to_end();
  EXPECT_EQ(orders.keys().size(), 0U);
  EXPECT_EQ(step_codes("T-1", 2), "denied_by_policy");
  EXPECT_EQ(effect_state("T-1", 2), "failed");
}

}  // namespace countersign::executor::testing
