#include <gmock/gmock.h>

#include "crypto/webhook_signature.hpp"
#include "http/tests/sockets.hpp"
#include "outbox/tests/outbox_fixture.hpp"

namespace countersign::outbox::testing {
namespace {

using ::testing::HasSubstr;

class DeliveryTest : public OutboxTest {
 protected:
  base::Result<void> verify(const http::Request& request, const std::string& key) {
    return crypto::WebhookVerifier{*crypto::WebhookKeys::parse({base::Secret{key}})}.verify(request.headers, request.body, clock.wall());
  }
};

TEST_F(DeliveryTest, SignsTheOutcomeAndDeliversItOnce) {
  Receiver receiver;
  configure({{.url = receiver.url()}});
  auto life = start();
  announce("t1");
  intake(*life);
  EXPECT_EQ(deliver(*life), 1U);
  EXPECT_EQ(deliver(*life), 0U);
  ASSERT_EQ(receiver.received().size(), 1U);
  const auto request = receiver.received()[0];
  EXPECT_TRUE(verify(request, secret));
  EXPECT_FALSE(verify(request, other_secret));
  EXPECT_EQ(header_of(request, "content-type"), "application/json");
  EXPECT_EQ(header_of(request, "webhook-id"), text("SELECT 'msg_' || id FROM outbox.delivery"));
  EXPECT_THAT(request.body, ::testing::StartsWith(R"({"type":"ticket.resolved","timestamp":"2026-05-01T10:00:00Z","data":{)"));
  EXPECT_THAT(request.body, HasSubstr(R"("ticket_id":"t1")"));
  EXPECT_EQ(states(), "delivered");
  EXPECT_EQ(number("SELECT count(*) FROM outbox.attempt"), 0) << "the delivery and the audit say it all";
  EXPECT_EQ(text("SELECT last_status || ' ' || attempts FROM outbox.delivery"), "200 1");
  EXPECT_EQ(text("SELECT string_agg(concat_ws(' ', ticket_id, detail ->> 'number', detail ->> 'outcome', detail ->> 'status', "
                 "detail ->> 'state'), ',') FROM audit.entry WHERE event = 'delivery_attempted' AND (detail ->> 'millis')::integer >= 0"),
            "t1 1 delivered 200 delivered");
}

TEST_F(DeliveryTest, SignsWithEverySecretDuringARotation) {
  Receiver receiver;
  write_secret("next-secret", other_secret);
  configure({{.url = receiver.url(), .secrets = R"(["hook-secret","next-secret"])"}});
  auto life = start();
  announce("t1");
  intake(*life);
  deliver(*life);
  ASSERT_EQ(receiver.received().size(), 1U);
  EXPECT_TRUE(verify(receiver.received()[0], secret));
  EXPECT_TRUE(verify(receiver.received()[0], other_secret));
}

TEST_F(DeliveryTest, NeverSendsWithoutASecret) {
  Receiver receiver;
  configure({{.url = receiver.url(), .secrets = R"(["hook-secret","next-secret"])"}});
  auto life = start();
  announce("t1");
  intake(*life);
  EXPECT_EQ(deliver(*life), 0U);
  EXPECT_EQ(states(), "ready");
  EXPECT_THAT(text("SELECT last_error FROM outbox.delivery"), HasSubstr("secret_missing"));
  EXPECT_THAT(text("SELECT last_error FROM outbox.delivery"), HasSubstr("next-secret"));
  EXPECT_EQ(number("SELECT attempts::bigint FROM outbox.delivery"), 0);
  EXPECT_THAT(life->metrics.expose(), HasSubstr("countersign_deliveries_unsigned_total 1"));

  write_secret("next-secret", other_secret);
  life.reset();  // or two seconds, after which secrets are read again
  life = start();
  let_time_pass();
  EXPECT_EQ(deliver(*life), 1U);
  EXPECT_EQ(receiver.received().size(), 1U);
}

TEST_F(DeliveryTest, DoesNotSendAnUnusableSecret) {
  Receiver receiver;
  write_secret("hook-secret", "whsec_dG9vc2hvcnQ=");
  configure({{.url = receiver.url()}});
  auto life = start();
  announce("t1");
  intake(*life);
  EXPECT_EQ(deliver(*life), 0U);
  EXPECT_THAT(text("SELECT last_error FROM outbox.delivery"), HasSubstr("secret_invalid"));
}

TEST_F(DeliveryTest, TriesAgainAsScheduledUnderTheSameIdAndThenIsDead) {
  Receiver receiver;
  receiver.answer_with(500);
  configure({{.url = receiver.url(), .schedule_ms = "[0, 60000, 600000]"}});
  auto life = start();
  announce("t1");
  intake(*life);
  EXPECT_EQ(deliver(*life), 1U);
  EXPECT_EQ(states(), "ready");
  EXPECT_EQ(deliver(*life), 0U) << "not due yet";
  EXPECT_EQ(text("SELECT (due_at > now() + interval '50 s' AND due_at < now() + interval '67 s')::text FROM outbox.delivery"), "true");
  let_time_pass();
  EXPECT_EQ(deliver(*life), 1U);
  EXPECT_EQ(text("SELECT (due_at > now() + interval '530 s' AND due_at < now() + interval '661 s')::text FROM outbox.delivery"), "true");
  let_time_pass();
  EXPECT_EQ(deliver(*life), 1U);
  EXPECT_EQ(states(), "dead");
  let_time_pass();
  EXPECT_EQ(deliver(*life), 0U);
  ASSERT_EQ(receiver.received().size(), 3U);
  EXPECT_EQ(header_of(receiver.received()[0], "webhook-id"), header_of(receiver.received()[2], "webhook-id"));
  EXPECT_EQ(number("SELECT count(*) FROM outbox.attempt WHERE outcome = 'refused'"), 3);
  EXPECT_THAT(life->metrics.expose(), HasSubstr("countersign_deliveries_dead_total 1"));
}

TEST_F(DeliveryTest, DoesNotFollowRedirects) {
  Receiver target;
  Receiver receiver;
  receiver.answer_with(307, {{"location", target.url()}});
  configure({{.url = receiver.url()}});
  auto life = start();
  announce("t1");
  intake(*life);
  EXPECT_EQ(deliver(*life), 1U);
  EXPECT_EQ(receiver.received().size(), 1U);
  EXPECT_EQ(target.received().size(), 0U);
  EXPECT_EQ(states(), "ready");
  EXPECT_THAT(text("SELECT last_error FROM outbox.delivery"), HasSubstr("307"));
}

TEST_F(DeliveryTest, DisablesAnEndpointThatIsGoneAndKeepsWhatItIsOwed) {
  Receiver receiver;
  receiver.answer_with(410);
  configure({{.url = receiver.url(), .schedule_ms = "[0]"}});
  auto life = start();
  announce("t1");
  intake(*life);
  EXPECT_EQ(deliver(*life), 1U);
  EXPECT_EQ(text("SELECT state FROM outbox.endpoint_state"), "disabled");
  EXPECT_EQ(number("SELECT count(*) FROM audit.entry WHERE event = 'endpoint_disabled'"), 1);
  announce("t2");
  intake(*life);
  let_time_pass();
  EXPECT_EQ(deliver(*life), 0U);
  EXPECT_EQ(states(), "ready ready");

  receiver.answer_with(200);
  configure({{.url = receiver.url(), .version = 2}});  // what an operator does to open it again
  refresh(*life);
  EXPECT_EQ(deliver(*life), 2U);
  EXPECT_EQ(states(), "delivered delivered");
}

TEST_F(DeliveryTest, DisablesAnEndpointThatTookNothingForDaysAndKeepsWhatItIsOwed) {
  Receiver receiver;
  receiver.answer_with(404);
  configure({{.url = receiver.url()}});
  auto life = start();
  for (int ticket = 1; ticket < fruitless_that_disable; ++ticket) announce("t" + std::to_string(ticket));
  intake(*life);
  EXPECT_EQ(deliver(*life), fruitless_that_disable - 1U);
  EXPECT_EQ(text("SELECT state || fruitless FROM outbox.endpoint_state"), "open9");
  admin->execute_script("UPDATE outbox.endpoint_state SET failing_since = now() - interval '6 days'");
  announce("last");
  intake(*life);
  EXPECT_EQ(deliver(*life), 1U);
  EXPECT_EQ(text("SELECT state FROM outbox.endpoint_state"), "disabled");
  EXPECT_THAT(text("SELECT detail ->> 'reason' FROM audit.entry WHERE event = 'endpoint_disabled'"), HasSubstr("nothing was taken since"));
  let_time_pass();
  EXPECT_EQ(deliver(*life), 0U);
  EXPECT_EQ(number("SELECT count(*) FROM outbox.delivery WHERE state = 'ready'"), fruitless_that_disable);
  life->service.census().count_once(*life->core.pool().borrow());
  EXPECT_THAT(life->metrics.expose(), HasSubstr("countersign_endpoints_unwell{state=\"disabled\"} 1"));
  EXPECT_THAT(life->metrics.expose(), HasSubstr("countersign_endpoints_disabled_total 1"));
}

TEST_F(DeliveryTest, LeavesAThrottlingEndpointAloneForAsLongAsItAsks) {
  Receiver receiver;
  receiver.answer_with(429, {{"retry-after", "120"}});
  configure({{.url = receiver.url(), .schedule_ms = "[0, 1000, 1000]"}});
  auto life = start();
  announce("t1");
  intake(*life);
  EXPECT_EQ(deliver(*life), 1U);
  EXPECT_EQ(text("SELECT state FROM outbox.endpoint_state"), "throttled");
  EXPECT_EQ(text("SELECT (not_before > now() + interval '100 s')::text FROM outbox.endpoint_state"), "true");
  announce("t2");
  intake(*life);
  EXPECT_EQ(deliver(*life), 0U) << "nor anything else for it";
  receiver.answer_with(200);
  let_time_pass();
  EXPECT_EQ(deliver(*life), 2U);
  EXPECT_EQ(text("SELECT state FROM outbox.endpoint_state"), "open");
}

TEST_F(DeliveryTest, ProbesABrokenEndpointWithOneCallAtATime) {
  Receiver receiver;
  receiver.answer_with(500);
  configure({{.url = receiver.url()}});
  auto life = start();
  for (int ticket = 1; ticket <= 6; ++ticket) announce("t" + std::to_string(ticket));
  intake(*life);
  EXPECT_EQ(deliver(*life), 6U);
  EXPECT_EQ(text("SELECT state FROM outbox.endpoint_state"), "broken");
  let_time_pass();
  EXPECT_EQ(deliver(*life), 1U);
  receiver.answer_with(200);
  let_time_pass();
  EXPECT_EQ(deliver(*life), 1U);
  EXPECT_EQ(deliver(*life), 5U);
}

TEST_F(DeliveryTest, RetriesAnUnknownEndUnderTheSameId) {
  std::vector<std::string> heard;
  http::testing::MisbehavingServer server([&](http::testing::Wire& wire, int number) {
    heard.push_back(wire.hear_message());
    if (number > 0) wire.say(http::testing::ok("thanks"));
  });
  configure({{.url = server.url("/hook")}});
  auto life = start();
  announce("t1");
  intake(*life);
  deliver(*life);
  EXPECT_EQ(text("SELECT outcome FROM outbox.attempt"), "unknown");
  let_time_pass();
  deliver(*life);
  EXPECT_EQ(states(), "delivered");
  const std::string id = "webhook-id: " + text("SELECT 'msg_' || id FROM outbox.delivery");
  ASSERT_EQ(heard.size(), 2U);
  EXPECT_THAT(heard[0], HasSubstr(id));
  EXPECT_THAT(heard[1], HasSubstr(id));
}

TEST_F(DeliveryTest, TakesTheStatusOfAnAnswerThatIsTooLong) {
  Receiver receiver([](const http::Request&) { return answer_of(200, std::string(100'000, 'x')); });
  configure({{.url = receiver.url()}});
  auto life = start();
  announce("t1");
  intake(*life);
  deliver(*life);
  EXPECT_EQ(states(), "delivered");
}

TEST_F(DeliveryTest, StaysAwayFromThisMachineUnlessASettingAllowsIt) {
  Receiver receiver;
  options.sender.allow_loopback = false;
  configure({{.url = receiver.url()}});
  auto life = start();
  announce("t1");
  intake(*life);
  deliver(*life);
  EXPECT_EQ(receiver.received().size(), 0U);
  EXPECT_EQ(text("SELECT outcome FROM outbox.attempt"), "not_sent");
}

TEST_F(DeliveryTest, CountsWhatIsOwed) {
  Receiver receiver;
  receiver.answer_with(500);
  configure({{.url = receiver.url(), .schedule_ms = "[0]"}});
  auto life = start();
  announce("t1");
  intake(*life);
  deliver(*life);
  announce("t2");
  intake(*life);
  admin->execute_script(
      "UPDATE outbox.delivery SET state = 'ready', token = NULL, lease_until = NULL, due_at = now() - interval '100 s' WHERE state = "
      "'leased'");
  life->service.census().count_once(*life->core.pool().borrow());
  const auto metrics = life->metrics.expose();
  EXPECT_THAT(metrics, HasSubstr("countersign_deliveries{state=\"ready\"} 1"));
  EXPECT_THAT(metrics, HasSubstr("countersign_deliveries{state=\"dead\"} 1"));
  EXPECT_THAT(metrics, HasSubstr("countersign_delivery_oldest_due_seconds 10"));
}

}  // namespace
}  // namespace countersign::outbox::testing
