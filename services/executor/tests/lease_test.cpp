// What becomes of claims whose lane went silent, against a real database.

#include "executor/tests/ledger_fixture.hpp"

namespace countersign::executor::testing {

class LeaseTest : public LedgerTest {
 protected:
  LeaseTest() { claims_alone = true; }
};

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

TEST_F(LeaseTest, TellsPeopleOfASuccessThatWasOnRecordAsNotDone) {
  open("T-1", both_steps());
  run_until([&] { return step_state("T-1", 1) == "succeeded"; });
  ASSERT_EQ(life().claimer.claim_once(), 1U);
  while (life().caller.call_once(std::chrono::milliseconds{20}) == 0) continue;
  ASSERT_EQ(orders.refunds(), 1);
  // Before this process writes that down, its successor begins, does not find the refund, and the ticket is closed.
  const auto next = another_life("executor-0");
  ASSERT_EQ(next->reaper.reap_predecessors(), 1U);
  change("T-1", [&](TicketCase& one, pipeline::Batch& batch) { life().conductor.stop(one, domain::StopCause::ticket_closed, batch); });
  orders.forget_refunds();
  let_looks_be_due();
  ASSERT_EQ(next->reconciler.look_once(), 1U);
  ASSERT_EQ(run_state("T-1"), "stopped cancelled");
  EXPECT_EQ(life().recorder.record_once(), 1U);
  EXPECT_EQ(number("SELECT count(*) FROM executor.transition WHERE new_state = 'handed_off' AND 'effect_surprising' = ANY (codes)"), 1);
}

TEST_F(LeaseTest, SettlesTheOthersWhenPostgresRefusesOne) {
  open("T-1", json::array({lookup_step()}));
  open("T-2", json::array({lookup_step()}), "A-18");
  ASSERT_EQ(life().claimer.claim_once(), 2U);
  admin->execute_script(
      "CREATE FUNCTION executor.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '22000'; END "
      "$$; "
      "CREATE TRIGGER refuse BEFORE UPDATE ON executor.step FOR EACH ROW WHEN (new.ticket_id = 'T-1' AND new.state = 'ready') "
      "EXECUTE FUNCTION executor.refuse()");
  let_leases_end();
  EXPECT_EQ(life().reaper.reap_once(), 1U);
  EXPECT_EQ(step_state("T-1", 1), "claimed");
  EXPECT_EQ(step_state("T-2", 1), "ready");
}

}  // namespace countersign::executor::testing
