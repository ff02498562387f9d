// Steps that are claimed with the plan or the result that gave them their turn, against a real database.

#include "base/headers.hpp"
#include "executor/plan_intake.hpp"
#include "executor/tests/ledger_fixture.hpp"
#include "pipeline/stage.hpp"

namespace countersign::executor::testing {

namespace {

pipeline::StageOptions of_plans() {
  pipeline::StageOptions options;
  options.topic = "plans";
  options.topics = {"plans"};
  return options;
}

// What takes in plans in one life of an executor.
struct Intake {
  Intake(Life& life, messaging::Broker& broker)
      : plans(life.conductor, life.documents, {life.log, life.metrics}),
        turns(life.claims, life.configuration, life.caller.slots(), life.claimable),
        intake(life.store, plans, life.claimable, &turns),
        stage(broker, life.parts(), intake, of_plans()) {}

  PlanDesk plans;
  TurnClaimer turns;
  PlanIntake intake;
  pipeline::Stage stage;
};

json freeze(const char* effect) {
  return {{"kind", "policy"},
          {"tenant", "acme"},
          {"name", "freeze"},
          {"version", 1},
          {"rules",
           {{{"id", "freeze"}, {"sentence", "s"}, {"citation", "c"}, {"tools", {"*"}}, {"when", {{"always", true}}}, {"effect", effect}}}}};
}

}  // namespace

class TurnClaimTest : public LedgerTest {
 protected:
  TurnClaimTest() {
    broker.create_topic("plans", 1);
    intake = std::make_unique<Intake>(life(), broker);
  }

  void propose(const std::string& ticket, const json& steps) {
    const json plan{{"tenant", "acme"},
                    {"ticket_id", ticket},
                    {"ticket_version", 1},
                    {"after", 0},
                    {"agent", {{"name", "desk"}, {"version", 1}}},
                    {"steps", steps},
                    {"close", {{"stop_reason", "resolved"}}}};
    messaging::Record record;
    record.topic = "plans";
    record.key = "acme/" + ticket;
    record.value = plan.dump();
    record.headers = {{"content-type", "application/json"}, {"ce_specversion", "1.0"},    {"ce_id", "plan-of-" + ticket},
                      {"ce_source", "urn:planner"},         {"ce_type", "plan.proposed"}, {"ce_sequence", "1"}};
    broker.append(record);
    ++sent_;
  }
  void take_plans() {
    for (int turn = 0; turn < 200 && sent_ > 0; ++turn) sent_ -= std::min(sent_, intake->stage.run_once(std::chrono::milliseconds{20}));
    ASSERT_EQ(sent_, 0U);
  }
  void take_plan_for(const std::string& ticket, const json& steps) {
    open_without_plan(ticket);
    propose(ticket, steps);
    take_plans();
  }
  // PostgreSQL takes no claim of this step, for ever.
  void refuse_claims_of(const std::string& ticket, int step) {
    admin->execute_script(
        "CREATE FUNCTION executor.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '22000'; END "
        "$$; "
        "CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON executor.step FOR EACH ROW WHEN (new.ticket_id = '" +
        ticket + "' AND new.step = " + std::to_string(step) + " AND new.state = 'claimed') EXECUTE FUNCTION executor.refuse()");
  }
  std::int64_t claim_transactions() { return number("SELECT count(*) FROM executor.batch WHERE stage = 'claims'"); }
  std::size_t free_slots() { return life().caller.slots().look().free; }
  std::size_t all_slots() { return CallerOptions{}.most_at_once; }

  std::unique_ptr<Intake> intake;

 private:
  std::size_t sent_ = 0;
};

TEST_F(TurnClaimTest, ClaimsTheFirstStepWithItsPlanAndTheNextWithTheResult) {
  take_plan_for("T-1", both_steps());
  EXPECT_EQ(step_state("T-1", 1), "claimed");
  EXPECT_EQ(free_slots(), all_slots() - 1);
  run_to_end();
  EXPECT_EQ(run_state("T-1"), "stopped resolved");
  EXPECT_EQ(orders.lookups(), 1);
  EXPECT_EQ(orders.refunds(), 1);
  EXPECT_EQ(claim_transactions(), 0);
  EXPECT_EQ(free_slots(), all_slots());
}

TEST_F(TurnClaimTest, DeniesWithThePlanWhatTheGateRefuses) {
  auto step = lookup_step();
  step["arguments"]["order_id"] = "A-17";
  take_plan_for("T-1", json::array({step}));
  EXPECT_EQ(step_state("T-1", 1) + " " + step_codes("T-1", 1), "denied origin_not_accepted");
  EXPECT_EQ(run_state("T-1"), "awaiting_plan");
  EXPECT_EQ(free_slots(), all_slots());
}

TEST_F(TurnClaimTest, LeavesAStepReadyThatFindsNoSlot) {
  SlotHold others(life().caller.slots());
  for (std::size_t i = 0; others.take("acme/tool-" + std::to_string(i)); ++i) continue;
  take_plan_for("T-1", json::array({lookup_step()}));
  EXPECT_EQ(step_state("T-1", 1), "ready");
  EXPECT_EQ(life().claimer.claim_once(), 0U);
  others.give_back();
  EXPECT_EQ(life().claimer.claim_once(), 1U);
  EXPECT_EQ(step_state("T-1", 1), "claimed");
}

TEST_F(TurnClaimTest, LeavesAStepReadyUnderAConfigurationThatHasMovedOn) {
  install(freeze("deny"));
  take_plan_for("T-1", json::array({lookup_step()}));
  EXPECT_EQ(step_state("T-1", 1), "ready");
  EXPECT_EQ(free_slots(), all_slots());
  run_to_end();
  EXPECT_EQ(step_codes("T-1", 1), "denied_by_policy");
  EXPECT_EQ(orders.lookups(), 0);
}

TEST_F(TurnClaimTest, LeavesAStepReadyThatPeopleMustApprove) {
  install(freeze("require_approval"));
  ASSERT_TRUE(life().configuration.refresh_once());
  take_plan_for("T-1", json::array({lookup_step()}));
  EXPECT_EQ(step_state("T-1", 1), "ready");
  EXPECT_EQ(free_slots(), all_slots());
  EXPECT_EQ(life().claimer.claim_once(), 1U);
  EXPECT_EQ(step_state("T-1", 1), "waiting_approval");
  EXPECT_EQ(free_slots(), all_slots());
}

TEST_F(TurnClaimTest, TakesInAPlanThatPostgresWouldNotClaimFor) {
  refuse_claims_of("T-1", 1);
  for (const auto* ticket : {"T-1", "T-2", "T-3"}) open_without_plan(ticket);
  for (const auto* ticket : {"T-1", "T-2", "T-3"}) propose(ticket, json::array({lookup_step()}));
  take_plans();
  EXPECT_EQ(number("SELECT count(*) FROM executor.dead_letter"), 0);
  EXPECT_EQ(number("SELECT count(*) FROM executor.run WHERE plans = 1"), 3);
  EXPECT_EQ(step_state("T-1", 1), "ready");
  run_until([&] { return number("SELECT count(*) FROM executor.step WHERE state = 'succeeded'") == 2; });
  EXPECT_EQ(orders.lookups(), 2);
  EXPECT_EQ(free_slots(), all_slots());
}

TEST_F(TurnClaimTest, TakesInAPlanAloneThatPostgresWouldNotClaimFor) {
  refuse_claims_of("T-1", 1);
  take_plan_for("T-1", json::array({lookup_step()}));
  EXPECT_EQ(number("SELECT count(*) FROM executor.dead_letter"), 0);
  EXPECT_EQ(step_state("T-1", 1), "ready");
  EXPECT_TRUE(life().caller.idle());
  EXPECT_EQ(free_slots(), all_slots());
  admin->execute_script("DROP TRIGGER refuse ON executor.step");
  take_plan_for("T-2", json::array({lookup_step()}));
  EXPECT_EQ(step_state("T-2", 1), "claimed");
  run_to_end();
  EXPECT_EQ(orders.lookups(), 2);
}

TEST_F(TurnClaimTest, RecordsAResultThoughTheNextStepCannotBeClaimed) {
  refuse_claims_of("T-1", 2);
  take_plan_for("T-1", both_steps());
  run_until([&] { return step_state("T-1", 1) == "succeeded"; });
  EXPECT_EQ(word("SELECT result ->> 'customer_id' FROM executor.evidence"), "cust-1");
  EXPECT_EQ(step_state("T-1", 2), "ready");
  admin->execute_script("DROP TRIGGER refuse ON executor.step");
  run_to_end();
  EXPECT_EQ(run_state("T-1"), "stopped resolved");
}

TEST_F(TurnClaimTest, LeavesNothingOfAClaimToASecondExecutor) {
  const auto other = another_life("executor-1");
  take_plan_for("T-1", json::array({lookup_step()}));
  EXPECT_EQ(other->claimer.claim_once(), 0U);
  run_to_end();
  EXPECT_EQ(other->claimer.claim_once(), 0U);
  EXPECT_EQ(orders.lookups(), 1);
}

TEST_F(TurnClaimTest, LeavesToASecondExecutorWhatItHasNoSlotFor) {
  const auto other = another_life("executor-1");
  life().caller.slots().close();
  take_plan_for("T-1", json::array({lookup_step()}));
  EXPECT_EQ(life().claimer.claim_once(), 0U);
  EXPECT_EQ(other->claimer.claim_once(), 1U);
}

TEST_F(TurnClaimTest, SendsNothingOnceTheRunIsStopping) {
  take_plan_for("T-1", json::array({lookup_step()}));
  ASSERT_EQ(step_state("T-1", 1), "claimed");
  change("T-1", [&](TicketCase& one, pipeline::Batch& batch) { life().conductor.stop(one, domain::StopCause::ticket_closed, batch); });
  run_to_end();
  EXPECT_EQ(orders.lookups(), 0);
  EXPECT_EQ(run_state("T-1"), "stopped cancelled");
}

TEST_F(TurnClaimTest, SettlesByItsLeaseWhatWasClaimedInALifeThatEnded) {
  take_plan_for("T-1", json::array({lookup_step()}));
  const auto next = another_life("executor-0");
  EXPECT_EQ(next->reaper.reap_predecessors(), 1U);
  EXPECT_EQ(step_state("T-1", 1), "ready");
}

TEST_F(TurnClaimTest, DeniesNothingForAKeyThatIsLetGoInTheSameBatch) {
  orders.on_refund = [](const http::Request&) { return answer(400, "{}"); };
  claims_alone = true;
  open("T-1", both_steps());
  run_until([&] { return step_state("T-1", 1) == "succeeded"; });
  ASSERT_EQ(life().claimer.claim_once(), 1U);
  open("T-2", both_steps());
  ASSERT_EQ(life().claimer.claim_once(), 1U);
  for (std::size_t ended = 0; ended < 2;) ended += life().caller.call_once(std::chrono::milliseconds{20});
  ASSERT_EQ(life().recorder.record_once(), 2U);
  EXPECT_EQ(effect_state("T-1", 2), "failed");
  EXPECT_EQ(step_state("T-2", 2), "ready");
  EXPECT_EQ(life().claimer.claim_once(), 1U);
  EXPECT_EQ(effect_state("T-2", 2), "claimed");
}

TEST_F(TurnClaimTest, ReportsAsNotSentWhatIsHandedOnAfterTheLaneHasStopped) {
  ToolCall call;
  call.tenant = "acme";
  call.tool = "lookup_order";
  ASSERT_TRUE(life().caller.slots().take(call.bulkhead()));
  std::stop_source stop;
  stop.request_stop();
  life().caller.run(stop.get_token());
  life().caller.take({call});
  const auto ended = life().caller.collect_ended();
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended.front().end.kind, domain::CallEnd::Kind::not_sent);
  EXPECT_TRUE(life().caller.idle());
}

}  // namespace countersign::executor::testing
