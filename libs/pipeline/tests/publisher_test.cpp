#include "pipeline/publisher.hpp"

#include <map>

#include "pipeline/outbox_relay.hpp"
#include "pipeline/tests/probe_service.hpp"

namespace countersign::pipeline::testing {

class PublisherTest : public ProbeTest {
 protected:
  PublisherTest() { handler.echo = true; }
  std::size_t echoes() const { return broker.messages("echoes").size(); }
  void owe(Life& life, int from, int to) {
    for (int i = from; i <= to; ++i) send("acme/t1", i);
    run(life, static_cast<std::size_t>(to - from + 1));
  }
  postgres::ConnectionSettings relay_settings() const { return database.settings_of("countersign_relay", "probe"); }
};

TEST_F(PublisherTest, PublishesAfterTheCommitAndDeletesWhatIsConfirmed) {
  auto life = start();
  owe(*life, 1, 3);
  EXPECT_EQ(count("outbox"), 3);
  EXPECT_EQ(echoes(), 0U);
  settle(*life);
  EXPECT_EQ(echoes(), 3U);
  EXPECT_EQ(count("outbox"), 0);
}

TEST_F(PublisherTest, LetsTheNextBatchDeleteWhatIsConfirmed) {
  auto life = start();
  owe(*life, 1, 2);
  for (int turn = 0; turn < 50 && echoes() < 2; ++turn) life->publisher.run_once(std::chrono::milliseconds{10});
  life->publisher.run_once(std::chrono::milliseconds{10});
  handler.echo = false;
  owe(*life, 3, 3);
  EXPECT_EQ(count("outbox"), 0);
}

TEST_F(PublisherTest, KeepsTheRowsOfABatchThatWasRolledBack) {
  auto life = start();
  owe(*life, 1, 2);
  for (int turn = 0; turn < 50 && echoes() < 2; ++turn) life->publisher.run_once(std::chrono::milliseconds{10});
  handler.on_arrival = [tries = 0](const Arrival&, Batch&) mutable {
    if (++tries == 1) throw base::Unavailable("lost");
  };
  owe(*life, 3, 3);
  settle(*life);
  EXPECT_EQ(count("outbox"), 0);
  EXPECT_EQ(echoes(), 3U);
}

TEST_F(PublisherTest, SendsAgainWhatTheLogRefused) {
  auto life = start();
  broker.refuse_writes("echoes", 2, true, "not enough replicas");
  owe(*life, 1, 3);
  settle(*life);
  EXPECT_EQ(count("outbox"), 0);
  EXPECT_EQ(echoes(), 3U);
}

TEST_F(PublisherTest, SendsWhatItsPredecessorOwedBeforeAnythingNew) {
  auto first = start();
  owe(*first, 1, 3);
  first.reset();  // killed before it published
  auto second = start();
  std::jthread publishing([&](std::stop_token stop) { second->publisher.run(stop); });
  for (int turn = 0; turn < 200 && echoes() < 3; ++turn) clock.wait({}, std::chrono::milliseconds{5});
  ASSERT_EQ(echoes(), 3U);
  owe(*second, 4, 4);
  for (int turn = 0; turn < 200 && echoes() < 4; ++turn) clock.wait({}, std::chrono::milliseconds{5});
  std::vector<std::string> order;
  for (const auto& message : broker.messages("echoes")) order.emplace_back(*base::find_header(message.headers, "ce_sequence"));
  EXPECT_EQ(order, (std::vector<std::string>{"1", "2", "3", "4"}));
}

TEST_F(PublisherTest, ReadsAgainWhatWasRefusedForGood) {
  auto life = start();
  broker.refuse_writes("echoes", 1, false, "topic authorization failed");
  owe(*life, 1, 1);
  std::jthread publishing([&](std::stop_token stop) { life->publisher.run(stop); });
  for (int turn = 0; turn < 1000 && echoes() < 1; ++turn) clock.wait({}, std::chrono::milliseconds{5});
  EXPECT_EQ(echoes(), 1U);
}

TEST_F(PublisherTest, RelayPublishesWhatADeadProcessOwed) {
  auto life = start();
  owe(*life, 1, 3);
  life.reset();
  telemetry::Log log{"relay", "relay-0", telemetry::Level::error};
  telemetry::Metrics metrics;
  OutboxRelay relay{broker, relay_settings(), "probe", clock, {log, metrics}};
  EXPECT_EQ(relay.relay_once(), 0U) << "the lease has not ended";
  admin->execute_script("UPDATE probe.incarnation SET lease_until = clock_timestamp()");
  EXPECT_EQ(relay.relay_once(), 3U);
  EXPECT_EQ(echoes(), 3U);
  EXPECT_EQ(count("outbox"), 0);
}

TEST_F(PublisherTest, RelayLetsNoRowSpeakForAnotherService) {
  auto life = start();
  owe(*life, 1, 1);
  life.reset();
  admin->execute_script("UPDATE probe.incarnation SET lease_until = clock_timestamp()");
  admin->execute_script(R"(UPDATE probe.outbox SET headers = headers || '{"ce_source": "urn:countersign:approval"}')");
  admin->execute_script(
      "INSERT INTO probe.outbox (id, incarnation, aggregatetype, aggregateid, type, sequence, payload) "
      "VALUES (gen_random_uuid(), gen_random_uuid(), 'decisions', 'acme/t1', 'decision.submitted', 1, '{}')");
  broker.create_topic("decisions", 1);
  telemetry::Log log{"relay", "relay-0", telemetry::Level::error};
  telemetry::Metrics metrics;
  OutboxRelay relay{broker, relay_settings(), "probe", clock, {log, metrics}};
  EXPECT_EQ(relay.relay_once(), 1U);
  EXPECT_TRUE(broker.messages("decisions").empty());
  EXPECT_EQ(base::find_header(broker.messages("echoes").at(0).headers, "ce_source"), "urn:countersign:probe");
}

TEST_F(PublisherTest, RelayLetsNoStructuredEventNameItsOwnSource) {
  auto life = start();
  owe(*life, 1, 1);
  life.reset();
  admin->execute_script("UPDATE probe.incarnation SET lease_until = clock_timestamp()");
  admin->execute_script(
      R"(UPDATE probe.outbox SET headers = headers - 'content-type' || '{"Content-Type": "application/cloudevents+json"}',
           payload = '{"specversion": "1.0", "id": "e", "type": "t", "source": "urn:countersign:approval", "data": {}}')");
  telemetry::Log log{"relay", "relay-0", telemetry::Level::error};
  telemetry::Metrics metrics;
  OutboxRelay relay{broker, relay_settings(), "probe", clock, {log, metrics}};
  EXPECT_EQ(relay.relay_once(), 1U);
  const auto message = broker.messages("echoes").at(0);
  const auto opened = contracts::open_envelope(message.headers, message.value);
  ASSERT_TRUE(opened) << opened.error().detail;
  EXPECT_EQ(opened->envelope.source, "urn:countersign:probe");
}

TEST_F(PublisherTest, RelaySurvivesRowsThatNoServiceWouldWrite) {
  auto life = start();
  owe(*life, 1, 1);
  life.reset();
  admin->execute_script("UPDATE probe.incarnation SET lease_until = clock_timestamp()");
  admin->execute_script(
      "INSERT INTO probe.outbox (id, incarnation, aggregatetype, aggregateid, type, sequence, payload, headers, raw_headers) "
      "SELECT gen_random_uuid(), gen_random_uuid(), topic, 'acme/t2', 't', 1, payload, headers::jsonb, raw FROM (VALUES "
      "('dead-letters', '{}'::bytea, '{}', '\\x00'::bytea), ('echoes', '{}', '[]', NULL), ('echoes', '{}', '{\"ce_id\": null}', NULL), "
      "('echoes', convert_to(repeat('x', 3000000), 'UTF8'), '{}', NULL)) AS forged (topic, payload, headers, raw)");
  telemetry::Log log{"relay", "relay-0", telemetry::Level::error};
  telemetry::Metrics metrics;
  OutboxRelay relay{broker, relay_settings(), "probe", clock, {log, metrics}};
  EXPECT_EQ(relay.relay_once(), 3U) << "two that no consumer can read, and the true one";
  EXPECT_EQ(count("outbox"), 2) << "one with broken headers, one too large";
  EXPECT_EQ(count("outbox WHERE aggregateid = 'acme/t1'"), 0);
}

TEST_F(PublisherTest, NamesTheMessageThatCausedAnotherAndGoesOnWithItsTrace) {
  auto life = start();
  const auto cause = [&](const char* id, std::int64_t sequence, base::Headers trace) {
    base::Headers headers{{"content-type", "application/json"},
                          {"ce_specversion", "1.0"},
                          {"ce_id", id},
                          {"ce_source", "urn:test"},
                          {"ce_type", "probe.noted"},
                          {"ce_sequence", std::to_string(sequence)}};
    headers.insert(headers.end(), trace.begin(), trace.end());
    broker.append({.topic = "probes", .key = "acme/t1", .value = "{}", .headers = headers});
  };
  const std::string parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  cause("first", 1, {{"traceparent", "00-11111111111111111111111111111111-1111111111111111-01"}});
  cause("last", 2, {{"traceparent", parent}, {"tracestate", "vendor=1"}});
  EXPECT_EQ(run(*life, 2), 2U);
  send("acme/t2", 1);
  EXPECT_EQ(run(*life, 1), 1U);
  settle(*life);
  std::map<std::string, base::Headers> by_key;
  for (const auto& message : broker.messages("echoes")) by_key[*message.key] = message.headers;
  EXPECT_EQ(base::find_header(by_key["acme/t1"], "ce_causationid"), "last");
  EXPECT_EQ(base::find_header(by_key["acme/t1"], "traceparent"), parent);
  EXPECT_EQ(base::find_header(by_key["acme/t1"], "tracestate"), "vendor=1");
  EXPECT_TRUE(base::find_header(by_key["acme/t2"], "ce_causationid")->starts_with("m")) << "another key has another cause";
  EXPECT_FALSE(base::find_header(by_key["acme/t2"], "traceparent"));
}

TEST_F(PublisherTest, RelayRoleMayDoNothingElseInTheSchema) {
  auto settings = relay_settings();
  settings.search_path = "probe";
  postgres::Session relay{settings};
  for (const auto* forbidden : {"SELECT * FROM key_state", "UPDATE outbox SET aggregatetype = 'decisions'", "DELETE FROM batch",
                                "SELECT * FROM applied", "UPDATE incarnation SET lease_until = now()", "INSERT INTO outbox DEFAULT VALUES"})
    EXPECT_THROW(relay.execute_script(forbidden), base::Rejected) << forbidden;
}

TEST_F(PublisherTest, AnIncarnationWhoseLeaseEndedTakesANewNameAndKeepsItsRows) {
  auto life = start();
  owe(*life, 1, 1);
  const auto stale = life->incarnation.current();
  admin->execute_script("UPDATE probe.incarnation SET lease_until = clock_timestamp()");
  life->incarnation.renew_once();
  EXPECT_NE(life->incarnation.current(), stale);
  EXPECT_EQ(count("outbox WHERE incarnation = '" + life->incarnation.current().str() + "'"), 1);
}

TEST_F(PublisherTest, ALaterLifeDoesNotEndItsSuccessor) {
  auto older = start("probe-0");
  auto newer = start("probe-0");
  older->incarnation.renew_once();  // finds its lease ended
  newer->incarnation.renew_once();
  EXPECT_EQ(number("SELECT count(*) FROM probe.incarnation WHERE lease_until > clock_timestamp()"), 2);
}

TEST_F(PublisherTest, SendsWhatItsPredecessorOwedFirstEvenWhenABatchWasFaster) {
  auto first = start();
  owe(*first, 1, 3);
  first.reset();
  auto second = start();
  owe(*second, 4, 4);  // before the publisher's first turn
  std::jthread publishing([&](std::stop_token stop) { second->publisher.run(stop); });
  for (int turn = 0; turn < 1000 && echoes() < 4; ++turn) clock.wait({}, std::chrono::milliseconds{5});
  std::vector<std::string> order;
  for (const auto& message : broker.messages("echoes")) order.emplace_back(*base::find_header(message.headers, "ce_sequence"));
  EXPECT_EQ(order, (std::vector<std::string>{"1", "2", "3", "4"}));
}

TEST_F(PublisherTest, DoesNotSendAgainWhatABatchIsAboutToDelete) {
  limits.age_before_resend = std::chrono::milliseconds{0};
  limits.idle_before_delete = std::chrono::hours{1};
  auto life = start();
  owe(*life, 1, 3);
  std::vector<base::Uuid> taken;
  for (int turn = 0; turn < 50 && taken.size() < 3; ++turn) {
    life->publisher.run_once(std::chrono::milliseconds{10});
    for (const auto& id : life->publisher.take_confirmed()) taken.push_back(id);
  }
  ASSERT_EQ(taken.size(), 3U);
  for (int turn = 0; turn < 5; ++turn) life->publisher.run_once(std::chrono::milliseconds{10});  // the rows are still there to be read
  EXPECT_EQ(echoes(), 3U);
}

TEST_F(PublisherTest, ForgetsWhatDoesNotFitInMemoryAndFindsItInTheOutbox) {
  limits.most_queued = 2;
  limits.age_before_resend = std::chrono::milliseconds{0};
  limits.idle_before_delete = std::chrono::milliseconds{0};
  auto life = start();
  owe(*life, 1, 5);
  life->publisher.run_once(std::chrono::milliseconds{10});
  EXPECT_EQ(echoes(), 2U) << "the queue is bounded";
  for (int turn = 0; turn < 200 && count("outbox") > 0; ++turn) life->publisher.run_once(std::chrono::milliseconds{10});
  EXPECT_EQ(echoes(), 5U);
  EXPECT_EQ(count("outbox"), 0);
}

TEST_F(PublisherTest, DeletesEverythingConfirmedWhenItIsFlushed) {
  limits.most_deleted_at_once = 2;
  auto life = start();
  owe(*life, 1, 7);
  settle(*life);
  EXPECT_EQ(count("outbox"), 0);
}

TEST_F(PublisherTest, RelaySendsRawRowsOnlyToTheDeadLetters) {
  auto life = start();
  owe(*life, 1, 1);
  life.reset();
  admin->execute_script("UPDATE probe.incarnation SET lease_until = clock_timestamp()");
  admin->execute_script("UPDATE probe.outbox SET raw_key = 'acme/t1', raw_headers = ''");
  telemetry::Log log{"relay", "relay-0", telemetry::Level::error};
  telemetry::Metrics metrics;
  OutboxRelay relay{broker, relay_settings(), "probe", clock, {log, metrics}};
  EXPECT_EQ(relay.relay_once(), 0U);
  EXPECT_EQ(echoes(), 0U);
}

TEST_F(PublisherTest, RelayIsNotHeldUpByRowsThatItMayNotPublish) {
  auto life = start();
  admin->execute_script(
      "INSERT INTO probe.outbox (id, incarnation, aggregatetype, aggregateid, type, sequence, payload) "
      "SELECT gen_random_uuid(), gen_random_uuid(), 'decisions', 'acme/t1', 'decision.submitted', 1, '{}' FROM generate_series(1, 5)");
  owe(*life, 1, 3);
  life.reset();
  admin->execute_script("UPDATE probe.incarnation SET lease_until = clock_timestamp()");
  telemetry::Log log{"relay", "relay-0", telemetry::Level::error};
  telemetry::Metrics metrics;
  OutboxRelay relay{broker, relay_settings(), "probe", clock, {log, metrics}};
  EXPECT_EQ(relay.relay_once(3), 3U);
  EXPECT_EQ(echoes(), 3U);
}

}  // namespace countersign::pipeline::testing
