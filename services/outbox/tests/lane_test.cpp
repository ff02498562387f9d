#include <gmock/gmock.h>

#include <thread>

#include "http/tests/sockets.hpp"
#include "outbox/tests/outbox_fixture.hpp"

namespace countersign::outbox::testing {
namespace {

using namespace std::chrono_literals;
using http::testing::MisbehavingServer;
using http::testing::Wire;

class LaneTest : public OutboxTest {
 protected:
  void turn(Life& life) {
    life.service.claimer().claim_once();
    life.service.sender().send_once(20ms);
    life.service.recorder().record_once();
  }
};

TEST_F(LaneTest, KeepsTheOrderOfATicketOnAnOrderedEndpoint) {
  Receiver receiver;
  receiver.answer_with(500);
  configure({{.url = receiver.url(), .ordered = true}});
  auto life = start();
  announce("t1", "escalated");
  announce("t1", "resolved");
  intake(*life);
  EXPECT_EQ(deliver(*life), 1U);
  announce("t2", "resolved");
  intake(*life);
  receiver.answer_with(200);
  EXPECT_EQ(deliver(*life), 1U) << "another ticket does not wait";
  EXPECT_EQ(states(), "ready ready delivered");
  let_time_pass();
  EXPECT_EQ(deliver(*life), 1U);
  EXPECT_EQ(states(), "delivered ready delivered");
  EXPECT_EQ(deliver(*life), 1U);
  ASSERT_EQ(receiver.received().size(), 4U);
  EXPECT_THAT(receiver.received()[2].body, ::testing::HasSubstr("ticket.escalated"));
  EXPECT_THAT(receiver.received()[3].body, ::testing::HasSubstr("ticket.resolved"));
}

TEST_F(LaneTest, DoesNotHoldUpATicketOnAnUnorderedEndpoint) {
  Receiver receiver;
  configure({{.url = receiver.url()}});
  auto life = start();
  announce("t1", "escalated");
  announce("t1", "resolved");
  intake(*life);
  EXPECT_EQ(deliver(*life), 2U);
}

TEST_F(LaneTest, OneSilentEndpointDoesNotDelayAnother) {
  Receiver healthy;
  MisbehavingServer silent([](Wire& wire, int) { wire.hear_all(); });
  options.sender.most_at_once = 12;
  options.claimer.most_at_once = 12;
  options.claimer.most_per_endpoint = 4;
  configure({{.url = silent.url("/hook"), .name = "silent", .timeout_ms = 30'000}, {.url = healthy.url(), .tenant = "bolt"}});
  auto life = start();
  for (int ticket = 0; ticket < 40; ++ticket) announce("s" + std::to_string(ticket));
  for (int ticket = 0; ticket < 40; ++ticket) announce("h" + std::to_string(ticket), "resolved", "bolt");
  intake(*life);
  const auto begun = std::chrono::steady_clock::now();
  while (healthy.received().size() < 40 && std::chrono::steady_clock::now() < begun + 20s) turn(*life);
  EXPECT_EQ(healthy.received().size(), 40U);
  EXPECT_EQ((life->service.sender().load().under_way[{"acme", "silent"}]), 4U);
  EXPECT_EQ(number("SELECT count(*) FROM outbox.delivery WHERE endpoint = 'silent' AND state = 'ready'"), 36);
}

TEST_F(LaneTest, TenantsTakeTurns) {
  Receiver receiver;
  options.sender.most_at_once = 4;
  options.claimer.most_at_once = 4;
  configure({{.url = receiver.url()}, {.url = receiver.url(), .tenant = "bolt"}});
  auto life = start();
  for (int ticket = 0; ticket < 20; ++ticket) announce("a" + std::to_string(ticket));
  for (int ticket = 0; ticket < 2; ++ticket) announce("b" + std::to_string(ticket), "resolved", "bolt");
  intake(*life);
  EXPECT_EQ(deliver(*life), 4U);
  EXPECT_EQ(number("SELECT count(*) FROM outbox.delivery WHERE tenant_id = 'bolt' AND state = 'delivered'"), 2);
}

TEST_F(LaneTest, AReapedLeaseIsDeliveredUnderTheSameId) {
  Receiver receiver;
  configure({{.url = receiver.url()}});
  auto life = start("outbox-0");
  announce("t1");
  intake(*life);
  EXPECT_EQ(states(), "leased");  // and nothing more: the lane falls silent
  auto other = start("outbox-1");
  EXPECT_EQ(other->service.reaper().reap_once(), 0U) << "the lease still runs";
  EXPECT_EQ(deliver(*other), 0U);
  admin->execute_script("UPDATE outbox.delivery SET lease_until = now() - interval '1 second'");
  EXPECT_EQ(other->service.reaper().reap_once(), 1U);
  EXPECT_EQ(deliver(*other), 1U);
  EXPECT_EQ(states(), "delivered");
  EXPECT_EQ(text("SELECT number || outcome FROM outbox.attempt"), "1lease_ended");
  EXPECT_EQ(text("SELECT string_agg((detail ->> 'number') || (detail ->> 'outcome'), ' ' ORDER BY id) FROM audit.entry"),
            "1lease_ended 2delivered");

  // The silent lane comes back to life: its end counts no more.
  while (life->service.sender().send_once(100ms) == 0) {
  }
  life->service.recorder().record_once();
  EXPECT_THAT(life->metrics.expose(), ::testing::HasSubstr("countersign_delivery_attempts_late_total 1"));
  ASSERT_EQ(receiver.received().size(), 2U);
  EXPECT_EQ(header_of(receiver.received()[0], "webhook-id"), header_of(receiver.received()[1], "webhook-id"));
}

TEST_F(LaneTest, ADeathBetweenAnswerAndRecordRepeatsTheSameId) {
  Receiver receiver;
  configure({{.url = receiver.url()}});
  auto life = start();
  announce("t1");
  intake(*life);
  EXPECT_EQ(send(*life), 1U);
  EXPECT_EQ(states(), "leased");
  life.reset();
  life = start();  // the same instance: its predecessor's lease need not be waited for
  EXPECT_EQ(states(), "ready");
  EXPECT_EQ(deliver(*life), 1U);
  EXPECT_EQ(states(), "delivered");
  ASSERT_EQ(receiver.received().size(), 2U);
  EXPECT_EQ(header_of(receiver.received()[0], "webhook-id"), header_of(receiver.received()[1], "webhook-id"));
  EXPECT_EQ(receiver.received()[0].body, receiver.received()[1].body);
}

TEST_F(LaneTest, IsDeadWhenNoLaneSurvivesIt) {
  configure({{.url = "https://a.example/"}});
  auto life = start();
  announce("t1");
  intake(*life);
  admin->execute_script("UPDATE outbox.delivery SET lapses = 9");
  admin->execute_script("UPDATE outbox.delivery SET lease_until = now() - interval '1 second'");
  EXPECT_EQ(life->service.reaper().reap_once(), 1U);
  EXPECT_EQ(states(), "dead");
}

TEST_F(LaneTest, GivesBackWhatItDidNotSendWhenItStops) {
  Receiver receiver;
  configure({{.url = receiver.url()}});
  auto life = start();
  announce("t1");
  intake(*life);
  EXPECT_EQ(states(), "leased");
  std::stop_source stopped;
  stopped.request_stop();
  life->service.sender().run(stopped.get_token());
  life->service.recorder().run(stopped.get_token());
  EXPECT_EQ(states(), "ready");
  EXPECT_EQ(number("SELECT attempts::bigint FROM outbox.delivery"), 0);
  EXPECT_EQ(receiver.received().size(), 0U);
}

TEST_F(LaneTest, TheLoopsDeliverByThemselvesAndStop) {
  Receiver receiver;
  configure({{.url = receiver.url()}});
  auto life = start();
  std::vector<std::jthread> threads;
  auto loops = life->core.named_loops();
  for (auto& loop : loops) threads.emplace_back([run = loop.run](std::stop_token stop) { run(stop); });
  for (int ticket = 0; ticket < 100; ++ticket) announce("t" + std::to_string(ticket));
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (number("SELECT count(*) FROM outbox.delivery WHERE state = 'delivered'") < 100 && std::chrono::steady_clock::now() < deadline) {
  }
  while (!threads.empty()) threads.pop_back();  // in reverse, each joined
  EXPECT_EQ(number("SELECT count(*) FROM outbox.delivery WHERE state = 'delivered'"), 100);
  EXPECT_EQ(receiver.received().size(), 100U);
}

}  // namespace
}  // namespace countersign::outbox::testing
