// The ledger's promises, each against a real database and a real tool that may misbehave.

#include "executor/tests/ledger_fixture.hpp"

namespace countersign::executor::testing {

namespace {

// An order system that hears a whole refund and hangs up, unless it is well; it never knows of any refund.
struct RudeShop {
  std::atomic<bool> well = false;
  std::mutex mutex;
  std::vector<std::string> refunds;  // the number of the connection, a space, the request
  http::testing::MisbehavingServer server{[this](http::testing::Wire& wire, int connection) {
    for (std::string request = wire.hear_message(); !request.empty(); request = wire.hear_message()) {
      if (!request.starts_with("POST")) {
        wire.say(http::testing::ok(R"({"refunds":[]})"));
        continue;
      }
      {
        std::lock_guard lock(mutex);
        refunds.push_back(std::to_string(connection) + ' ' + request);
      }
      if (!well) return wire.reset();
      wire.say(http::testing::ok(R"({"refund_id":"r"})"));
    }
  }};

  std::vector<std::string> heard() {
    std::lock_guard lock(mutex);
    return refunds;
  }
  // The manifest as its next version, calling and asking this shop.
  json serve(json manifest) const {
    manifest["version"] = 2;
    manifest["connector"]["url"] = server.url("/orders/{order_id}/refunds");
    manifest["reconcile"]["url"] = server.url("/refunds?key={idempotency_key}");
    return manifest;
  }
};

json without_keys(json manifest) {
  manifest["idempotency"] = "none";
  manifest.erase("key_header");
  return manifest;
}

}  // namespace

using ClaimTest = LedgerTest;
using CallTest = LedgerTest;
using LookTest = LedgerTest;
using LeaseTest = LedgerTest;

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

TEST_F(CallTest, SendsNothingOnceTheRunIsStopping) {
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

// ---- looking

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
    one.ticket_changed = true;
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

// ---- leases

TEST_F(LeaseTest, MakesAnEffectUnknownWhenItsLeaseEnds) {
  open("T-1", both_steps());
  run_until([&] { return step_state("T-1", 1) == "succeeded"; });
  ASSERT_EQ(life().claimer.claim_once(), 1U);
  let_leases_end();
  EXPECT_EQ(life().reaper.reap_once(), 1U);
  EXPECT_EQ(effect_state("T-1", 2), "unknown");
  EXPECT_EQ(step_codes("T-1", 2), "lease_ended");
}

TEST_F(LeaseTest, SendsNothingUnderAClaimThatWasReaped) {
  open("T-1", both_steps());
  run_until([&] { return step_state("T-1", 1) == "succeeded"; });
  ASSERT_EQ(life().claimer.claim_once(), 1U);
  let_leases_end();
  EXPECT_EQ(life().reaper.reap_once(), 1U);
  run_to_end();
  EXPECT_EQ(orders.keys().size(), 0U);
  EXPECT_EQ(effect_state("T-1", 2), "unknown");
}

TEST_F(LeaseTest, ReturnsAReadToReadyWhenItsLeaseEnds) {
  open("T-1", json::array({lookup_step()}));
  ASSERT_EQ(life().claimer.claim_once(), 1U);
  let_leases_end();
  EXPECT_EQ(life().reaper.reap_once(), 1U);
  EXPECT_EQ(step_state("T-1", 1), "ready");
  run_to_end();
  EXPECT_EQ(run_state("T-1"), "stopped resolved");
}

TEST_F(LeaseTest, BelievesASuccessThatComesLate) {
  open("T-1", both_steps());
  run_until([&] { return step_state("T-1", 1) == "succeeded"; });
  ASSERT_EQ(life().claimer.claim_once(), 1U);
  while (orders.refunds() == 0) life().caller.call_once(std::chrono::milliseconds{20});
  while (life().caller.call_once(std::chrono::milliseconds{20}) == 0 && orders.refunds() == 0) continue;
  let_leases_end();
  EXPECT_EQ(life().reaper.reap_once(), 1U);
  ASSERT_EQ(effect_state("T-1", 2), "unknown");
  run_until([&] { return life().caller.idle(); });
  EXPECT_EQ(effect_state("T-1", 2), "succeeded");
  EXPECT_EQ(run_state("T-1"), "stopped resolved");
}

TEST_F(LeaseTest, SettlesTheClaimsOfItsOwnEarlierLife) {
  open("T-1", both_steps());
  run_until([&] { return step_state("T-1", 1) == "succeeded"; });
  ASSERT_EQ(life().claimer.claim_once(), 1U);
  const auto stranger = another_life("executor-1");
  EXPECT_EQ(stranger->reaper.reap_predecessors(), 0U);
  const auto next = another_life("executor-0");
  EXPECT_EQ(next->reaper.reap_predecessors(), 1U);
  EXPECT_EQ(effect_state("T-1", 2), "unknown");
}

TEST_F(LeaseTest, LeavesAClaimAloneWhoseLeaseRuns) {
  open("T-1", json::array({lookup_step()}));
  ASSERT_EQ(life().claimer.claim_once(), 1U);
  EXPECT_EQ(life().reaper.reap_once(), 0U);
  EXPECT_EQ(step_state("T-1", 1), "claimed");
}

}  // namespace countersign::executor::testing
