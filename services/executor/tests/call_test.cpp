// What becomes of calls, against a real database and a real tool that may misbehave.

#include "executor/tests/ledger_fixture.hpp"
#include "executor/tests/rude_shop.hpp"

namespace countersign::executor::testing {

using CallTest = LedgerTest;

TEST_F(CallTest, ExecutesAnEffectOnceAndKeepsItsReceipt) {
  open("T-1", both_steps());
  run_to_end();
  EXPECT_EQ(orders.refunds(), 1);
  EXPECT_EQ(orders.keys().size(), 1U);
  EXPECT_EQ(effect_state("T-1", 2), "succeeded");
  EXPECT_EQ(run_state("T-1"), "stopped resolved");
  EXPECT_EQ(word("SELECT receipt ->> 'refund_id' FROM executor.effect"), "r-1");
  EXPECT_EQ(number("SELECT amount_minor FROM executor.effect WHERE currency = 'EUR' AND key_held"), 2500);
  EXPECT_EQ(word("SELECT result ->> 'iban' FROM executor.evidence"), "[redacted]");
  EXPECT_EQ(word("SELECT origin FROM executor.evidence"), "verified_field");
}

TEST_F(CallTest, ServesManyTicketsInFewTransactions) {
  for (int i = 0; i < 40; ++i) open("T-" + std::to_string(i), both_steps(), "O-" + std::to_string(i));
  run_to_end();
  EXPECT_EQ(orders.refunds(), 40);
  EXPECT_EQ(number("SELECT count(*) FROM executor.run WHERE stop_reason = 'resolved'"), 40);
  EXPECT_LE(number("SELECT count(*) FROM executor.batch WHERE stage = 'claims'"), 20);
}

TEST_F(CallTest, SendsNothingOnceTheRunIsStopping) {
  claims_alone = true;
  open("T-1", both_steps());
  run_until([&] { return step_state("T-1", 1) == "succeeded"; });
  run_until([&] { return life().claimer.claim_once() == 1; });
  change("T-1", [&](TicketCase& one, pipeline::Batch& batch) { life().conductor.stop(one, domain::StopCause::ticket_closed, batch); });
  run_to_end();
  EXPECT_EQ(orders.keys().size(), 0U);
  EXPECT_EQ(step_state("T-1", 2) + " " + step_codes("T-1", 2), "failed not_done");
  EXPECT_EQ(effect_state("T-1", 2), "failed");
  EXPECT_EQ(run_state("T-1"), "stopped cancelled");
}

TEST_F(CallTest, CallsAToolOnceWhenTheConnectionDropsOnAReusedConnection) {
  RudeShop shop;
  shop.well = true;
  install(shop.serve(without_keys(refund_manifest())));
  open("T-1", both_steps(), "O-1");
  run_to_end();
  shop.well = false;
  open("T-2", both_steps(), "O-2");
  run_to_end();
  // The second call came on the connection that the first had left. When that was reset, the body was not there to be sent once more.
  ASSERT_EQ(shop.heard().size(), 2U);
  EXPECT_EQ(shop.heard()[0].front(), shop.heard()[1].front());
  EXPECT_EQ(effect_state("T-1", 2), "succeeded");
  EXPECT_EQ(effect_state("T-2", 2), "unknown");
  EXPECT_EQ(step_codes("T-2", 2), "answer_lost");
}

TEST_F(CallTest, TriesAgainFreelyWhatWasNeverSent) {
  auto manifest = refund_manifest();
  manifest["version"] = 2;
  manifest["connector"]["url"] = "http://127.0.0.1:1/orders/{order_id}/refunds";
  manifest["reconcile"]["url"] = "http://127.0.0.1:1/refunds?key={idempotency_key}";
  install(manifest);
  open("T-1", both_steps());
  run_until([&] { return number("SELECT unsent FROM executor.step WHERE step = 2") >= 3; });
  EXPECT_EQ(number("SELECT sent FROM executor.step WHERE step = 2"), 0);
  auto repaired = refund_manifest();
  repaired["version"] = 3;
  install(repaired);
  run_to_end();
  EXPECT_EQ(orders.refunds(), 1);
  EXPECT_EQ(run_state("T-1"), "stopped resolved");
}

TEST_F(CallTest, RepeatsUnderTheSameKeyWithinAClaim) {
  std::atomic<int> answers = 0;
  orders.on_refund = [&](const http::Request&) { return ++answers == 1 ? answer(503, "{}") : answer(201, R"({"refund_id":"r-1"})"); };
  open("T-1", both_steps());
  run_to_end();
  EXPECT_EQ(effect_state("T-1", 2), "succeeded");
  EXPECT_EQ(orders.refunds(), 1);
  ASSERT_EQ(orders.keys().size(), 2U);
  EXPECT_EQ(orders.keys()[0], orders.keys()[1]);
  EXPECT_EQ(number("SELECT sent FROM executor.step WHERE step = 2"), 2);
}

TEST_F(CallTest, FailsAReadWhoseAnswerCannotBeRead) {
  orders.on_lookup = [](const http::Request&) { return answer(200, "<html>"); };
  open("T-1", both_steps());
  run_to_end();
  EXPECT_EQ(step_state("T-1", 1) + " " + step_codes("T-1", 1), "failed result_unreadable");
}

TEST_F(CallTest, FailsAReadWhoseAnswerIsTooLong) {
  orders.on_lookup = [](const http::Request&) { return answer(200, '"' + std::string(8000, 'x') + '"'); };
  open("T-1", both_steps());
  run_to_end();
  EXPECT_EQ(step_codes("T-1", 1), "result_too_large");
}

TEST_F(CallTest, BelievesTheStatusOfAnEffectWhoseReceiptCannotBeRead) {
  orders.on_refund = [](const http::Request&) { return answer(201, "done!"); };
  open("T-1", both_steps());
  run_to_end();
  EXPECT_EQ(effect_state("T-1", 2), "succeeded");
  EXPECT_EQ(run_state("T-1"), "stopped resolved");
}

TEST_F(CallTest, KeepsNoSecretThatAToolEchoes) {
  std::string sent;
  orders.on_lookup = [&](const http::Request& request) {
    sent = request.header("authorization").value_or("");
    return answer(200, json{{"customer_id", "cust-1"}, {"captured", {{"minor", "1"}, {"currency", "EUR"}}}, {"echo", sent}}.dump());
  };
  open("T-1", json::array({lookup_step()}));
  run_to_end();
  EXPECT_EQ(sent, "s3cr3t-order-token");
  EXPECT_EQ(word("SELECT result ->> 'echo' FROM executor.evidence"), "[secret]");
  EXPECT_EQ(number("SELECT count(*) FROM executor.outbox WHERE position('s3cr3t' IN encode(payload, 'escape')) > 0"), 0);
}

TEST_F(CallTest, SendsNothingWithoutTheSecretThatTheManifestNames) {
  std::filesystem::remove(secret_files / "orders-token");
  open("T-1", json::array({lookup_step()}));
  run_until([&] { return number("SELECT unsent FROM executor.step") > 0; });
  EXPECT_EQ(orders.lookups(), 0);
}

TEST_F(CallTest, LeavesAToolAloneThatHasStoppedAnswering) {
  auto manifest = lookup_manifest();
  manifest["version"] = 2;
  manifest["connector"]["url"] = "http://127.0.0.1:1/orders/{order_id}";
  install(manifest);
  for (int i = 0; i < 12; ++i) open("T-" + std::to_string(i), json::array({lookup_step()}));
  const auto held_back = [&] {
    return life().metrics.expose().find("tool_calls_held_back_total{by=\"breaker\",lane=\"calls\"} 0") == std::string::npos;
  };
  ASSERT_FALSE(held_back());
  run_until(held_back);
  EXPECT_EQ(number("SELECT count(*) FROM executor.step WHERE sent > 0"), 0);
  EXPECT_EQ(number("SELECT count(*) FROM executor.step WHERE state NOT IN ('ready', 'claimed')"), 0);
}

}  // namespace countersign::executor::testing
