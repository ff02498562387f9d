#include <gmock/gmock.h>

#include "outbox/tests/outbox_fixture.hpp"

namespace countersign::outbox::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

class IntakeClaimTest : public OutboxTest {
 protected:
  void take_in(Life& life, const std::string& ticket, const std::string& stop_reason = "resolved", const std::string& tenant = "acme") {
    announce(ticket, stop_reason, tenant);
    intake(life);
  }
  void find_endpoint(const std::string& state, int version) {
    admin->execute_script("INSERT INTO outbox.endpoint_state (tenant_id, endpoint, version, state, not_before) VALUES ('acme', 'hook', " +
                          std::to_string(version) + ", '" + state + "', " + (state == "disabled" ? "NULL" : "now() + interval '1 hour'") +
                          ")");
  }
  // The next batch that writes a delivery fails when it commits.
  void fail_next_commit() {
    admin->execute_script(
        "CREATE SEQUENCE IF NOT EXISTS outbox.commits; SELECT setval('outbox.commits', 1, false);"
        "CREATE OR REPLACE FUNCTION outbox.fail_once() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN "
        "IF nextval('outbox.commits') = 1 THEN RAISE EXCEPTION 'this once' USING ERRCODE = '40001'; END IF; RETURN NULL; END $$;"
        "CREATE CONSTRAINT TRIGGER fail_once AFTER INSERT ON outbox.delivery DEFERRABLE INITIALLY DEFERRED FOR EACH ROW "
        "EXECUTE FUNCTION outbox.fail_once()");
  }
};

TEST_F(IntakeClaimTest, WhatIsTakenInGoesToTheLaneWithTheCommit) {
  Receiver receiver;
  configure({{.url = receiver.url(), .timeout_ms = 5000}});
  auto life = start();
  take_in(*life, "t1");
  EXPECT_EQ(states(), "leased");
  EXPECT_EQ(text("SELECT claimed_by::text FROM outbox.delivery"), life->core.parts().incarnation.current().str());
  EXPECT_EQ(text("SELECT (lease_until - created_at BETWEEN '7 s' AND '8 s')::text FROM outbox.delivery"), "true");
  EXPECT_EQ(life->service.claimer().claim_once(), 0U);
  EXPECT_EQ(deliver(*life), 1U);
  EXPECT_EQ(states(), "delivered");
  EXPECT_EQ(receiver.received().size(), 1U);
  EXPECT_EQ(under_way(*life), 0U);
  EXPECT_THAT(life->metrics.expose(), HasSubstr("countersign_deliveries_claimed_total 1"));
}

TEST_F(IntakeClaimTest, WhatCannotBeSignedIsLeft) {
  configure({{.url = "https://a.example/", .secrets = R"(["no-such-secret"])"}});
  auto life = start();
  take_in(*life, "t1");
  EXPECT_EQ(states(), "ready");
  EXPECT_EQ(under_way(*life), 0U);
}

TEST_F(IntakeClaimTest, WhatHasToWaitFirstIsLeft) {
  configure({{.url = "https://a.example/", .schedule_ms = "[1000]"}});
  auto life = start();
  take_in(*life, "t1");
  EXPECT_EQ(states(), "ready");
}

TEST_F(IntakeClaimTest, AnEndpointThatIsNotWellIsLeft) {
  configure({{.url = "https://a.example/", .version = 2}});
  auto life = start();
  int ticket = 0;
  for (const auto* state : {"throttled", "broken", "disabled"}) {
    find_endpoint(state, 2);
    take_in(*life, "t" + std::to_string(++ticket));
    EXPECT_EQ(text("SELECT state FROM outbox.delivery ORDER BY place DESC LIMIT 1"), "ready") << state;
    admin->execute_script("DELETE FROM outbox.endpoint_state");
  }
  EXPECT_EQ(under_way(*life), 0U);
  find_endpoint("broken", 1);  // as its document was before
  take_in(*life, "t9");
  EXPECT_EQ(states(), "ready ready ready leased");
}

TEST_F(IntakeClaimTest, AnEndpointWithoutSlotsIsLeft) {
  options.claimer.most_per_endpoint = 1;
  configure({{.url = "https://a.example/"}});
  auto life = start();
  announce("t1");
  announce("t2");
  intake(*life);
  EXPECT_EQ(states(), "leased ready");
  take_in(*life, "t3");
  EXPECT_EQ(states(), "leased ready ready");
}

TEST_F(IntakeClaimTest, HalfOfWhatIsFreeIsKeptForWhatWaits) {
  options.sender.most_at_once = 4;
  configure({{.url = "https://a.example/"}, {.url = "https://b.example/", .tenant = "bolt"}});
  auto life = start();
  for (int ticket = 0; ticket < 5; ++ticket) announce("t" + std::to_string(ticket));
  announce("b", "resolved", "bolt");
  intake(*life);
  EXPECT_EQ(number("SELECT count(*) FROM outbox.delivery WHERE state = 'leased'"), 2);
  EXPECT_EQ(number("SELECT count(*) FROM outbox.delivery WHERE state = 'leased' AND tenant_id = 'bolt'"), 1) << "tenants take turns";
}

TEST_F(IntakeClaimTest, WhatIsDueAlreadyHasItsSlotsFirst) {
  options.claimer.most_per_endpoint = 2;
  configure({{.url = "https://a.example/", .secrets = R"(["late-secret"])"}});
  auto life = start();
  take_in(*life, "t1");
  EXPECT_EQ(states(), "ready");
  write_secret("late-secret", secret);
  life = start();  // or two seconds, after which secrets are read again
  announce("t2");
  announce("t3");
  intake(*life);
  EXPECT_EQ(states(), "ready leased ready") << "one slot is for the first";
  EXPECT_EQ(under_way(*life), 1U) << "nothing is held for the last";
  EXPECT_EQ(life->service.claimer().claim_once(), 1U);
  EXPECT_EQ(states(), "leased leased ready");
}

TEST_F(IntakeClaimTest, TheNextOfAnOrderedTicketIsLeftUntilTheFirstHasEnded) {
  Receiver receiver;
  configure({{.url = receiver.url(), .ordered = true}});
  auto life = start();
  announce("t1", "escalated");
  announce("t1", "denied");
  intake(*life);
  EXPECT_EQ(states(), "leased ready") << "taken in together";
  take_in(*life, "t1");
  take_in(*life, "t2");
  EXPECT_EQ(states(), "leased ready ready leased") << "one after the other";
  while (deliver(*life) > 0) {
  }
  EXPECT_EQ(states(), "delivered delivered delivered delivered");
  take_in(*life, "t1", "failed");
  EXPECT_EQ(text("SELECT state FROM outbox.delivery ORDER BY place DESC LIMIT 1"), "leased") << "nothing is before it";
}

TEST_F(IntakeClaimTest, TheNextOfATicketIsClaimedWhereOrderDoesNotMatter) {
  configure({{.url = "https://a.example/"}});
  auto life = start();
  announce("t1", "escalated");
  announce("t1", "resolved");
  intake(*life);
  EXPECT_EQ(states(), "leased leased");
}

TEST_F(IntakeClaimTest, ARepetitionIsNotSentAgain) {
  Receiver receiver;
  configure({{.url = receiver.url()}});
  auto life = start();
  const auto id = announce("t1");
  intake(*life);
  EXPECT_EQ(deliver(*life), 1U);
  announce("t1", "resolved", "acme", id);  // owed again under the next sequence
  intake(*life);
  EXPECT_EQ(deliver(*life), 0U);
  EXPECT_EQ(states(), "delivered");
  EXPECT_EQ(receiver.received().size(), 1U);
}

TEST_F(IntakeClaimTest, ADeathBetweenCommitAndLaneLeavesALeaseThatEnds) {
  Receiver receiver;
  configure({{.url = receiver.url()}});
  auto life = start("outbox-0");
  take_in(*life, "t1");
  life.reset();
  EXPECT_EQ(states(), "leased");
  const auto id = text("SELECT 'msg_' || id FROM outbox.delivery");
  auto other = start("outbox-1");
  EXPECT_EQ(other->service.reaper().reap_once(), 0U) << "the lease still runs";
  admin->execute_script("UPDATE outbox.delivery SET lease_until = now() - interval '1 second'");
  EXPECT_EQ(other->service.reaper().reap_once(), 1U);
  EXPECT_EQ(deliver(*other), 1U);
  EXPECT_EQ(states(), "delivered");
  ASSERT_EQ(receiver.received().size(), 1U);
  EXPECT_EQ(header_of(receiver.received()[0], "webhook-id"), id);
}

TEST_F(IntakeClaimTest, AFailedBatchGivesItsSlotsBackAndSendsNothing) {
  Receiver receiver;
  configure({{.url = receiver.url()}});
  auto life = start();
  fail_next_commit();
  take_in(*life, "t1");
  EXPECT_EQ(number("SELECT last_value FROM outbox.commits"), 2) << "it was tried twice";
  EXPECT_EQ(states(), "ready") << "the second time without a claim";
  EXPECT_EQ(under_way(*life), 0U);
  EXPECT_EQ(life->service.sender().send_once(0ms), 0U);
  EXPECT_EQ(deliver(*life), 1U);
  EXPECT_EQ(receiver.received().size(), 1U);
  take_in(*life, "t2");
  EXPECT_EQ(states(), "delivered leased") << "and then as always";
}

}  // namespace
}  // namespace countersign::outbox::testing
