// Order and duplicates: sequences, parking, skipping, dead letters.

#include "pipeline/tests/probe_service.hpp"

namespace countersign::pipeline::testing {

class StageOrderTest : public ProbeTest {};

TEST_F(StageOrderTest, AppliesInSequenceWhateverTheOrderOfTheLog) {
  auto life = start();
  for (const int sequence : {3, 1, 2, 2, 5, 4, 1}) send("acme/t1", sequence);
  EXPECT_EQ(run(*life, 7), 7U);
  EXPECT_EQ(applied("acme/t1"), "1 2 3 4 5");
  EXPECT_EQ(count("parked"), 0);
}

TEST_F(StageOrderTest, ParksAcrossBatchesUntilTheGapIsClosed) {
  auto life = start();
  send("acme/t1", 2);
  send("acme/t1", 3);
  run(*life, 2);
  EXPECT_EQ(applied("acme/t1"), "");
  EXPECT_EQ(count("parked"), 2);
  send("acme/t1", 1);
  run(*life, 1);
  EXPECT_EQ(applied("acme/t1"), "1 2 3");
  EXPECT_EQ(count("parked"), 0);
  EXPECT_EQ(number("SELECT parked FROM probe.key_state WHERE key = 'acme/t1'"), 0);
}

TEST_F(StageOrderTest, KeepsAParkedMessageByteForByte) {
  auto life = start();
  send("acme/t1", 2, "probe.noted", R"({"text":"später"})");
  run(*life, 1);
  send("acme/t1", 1);
  run(*life, 1);
  EXPECT_EQ(applied_data("acme/t1"), R"({} {"text":"später"})");
}

TEST_F(StageOrderTest, DropsARedeliveryAfterALaterMessage) {
  auto life = start();
  send("acme/t1", 1);
  send("acme/t1", 2);
  run(*life, 2);
  send("acme/t1", 1);
  run(*life, 1);
  EXPECT_EQ(applied("acme/t1"), "1 2");
}

TEST_F(StageOrderTest, AdvancesPastTypesThatDoNotConcernIt) {
  auto life = start();
  send("acme/t1", 1, "probe.boring");
  send("acme/t1", 2);
  run(*life, 2);
  EXPECT_EQ(applied("acme/t1"), "2");
}

TEST_F(StageOrderTest, SetsAsideWhatItCannotReadAndGoesOn) {
  auto life = start();
  send("acme/t1", 1, "probe.noted", "gibberish");
  send("acme/t1", 2);
  run(*life, 2);
  EXPECT_EQ(applied("acme/t1"), "2");
  EXPECT_EQ(dead(), "0:gibberish");
  settle(*life);
  const auto copies = broker.messages("dead-letters");
  ASSERT_EQ(copies.size(), 1U);
  EXPECT_EQ(copies[0].key, "acme/t1");
  EXPECT_EQ(copies[0].value, "gibberish");
  EXPECT_EQ(base::find_header(copies[0].headers, "ce_sequence"), "1");
  EXPECT_EQ(base::find_header(copies[0].headers, "kafka_dlt-original-topic"), "probes");
  EXPECT_EQ(base::find_header(copies[0].headers, "kafka_dlt-original-offset"), "0");
  EXPECT_EQ(base::find_header(copies[0].headers, "countersign-reason"), "gibberish");
}

TEST_F(StageOrderTest, ShowsTheHandlerThatAMessageOfTheKeyWasRefused) {
  auto life = start();
  send("acme/t1", 1, "probe.noted", "gibberish");
  run(*life, 1);
  EXPECT_EQ(count("applied WHERE refused AND key = 'acme/t1'"), 1);
}

TEST_F(StageOrderTest, SetsAsideWhatHasNoSequenceOrNoKey) {
  auto life = start();
  send("acme/t1", 0);
  send("no slash", 1);
  messaging::Record naked;
  naked.topic = "probes";
  naked.value = "{}";
  broker.append(naked);
  EXPECT_EQ(run(*life, 3), 3U);
  EXPECT_EQ(count("applied"), 0);
  EXPECT_EQ(count("dead_letter"), 3);
}

TEST_F(StageOrderTest, LeavesDuplicatesFromOutsideToTheHandler) {
  auto life = start_with(options(false));
  send("acme/t1", 0);
  send("acme/t1", 0);
  run(*life, 2);
  EXPECT_EQ(count("applied"), 2);
}

TEST_F(StageOrderTest, DrainsOnTakeOverWhatAnEarlierLifeLeftDue) {
  auto life = start();
  send("acme/t1", 2);
  run(*life, 1);
  life.reset();
  // The gap was closed by a transaction that did not drain: what a careful stage that died leaves behind.
  admin->execute_script("UPDATE probe.key_state SET inputs = '{1}' WHERE key = 'acme/t1'");
  life = start();
  run(*life, 0);
  for (int turn = 0; turn < 20 && count("parked") > 0; ++turn) life->stage.run_once(std::chrono::milliseconds{10});
  EXPECT_EQ(applied("acme/t1"), "2");
}

TEST_F(StageOrderTest, AppliesTwoThousandShuffledMessagesOnceEach) {
  auto life = start();
  std::vector<std::pair<std::string, int>> plan;
  for (int key = 0; key < 50; ++key)
    for (int sequence = 1; sequence <= 40; ++sequence) plan.emplace_back("acme/k" + std::to_string(key), sequence);
  std::mt19937 random(7);
  std::shuffle(plan.begin(), plan.end(), random);
  for (const auto& [key, sequence] : plan) send(key, sequence);
  EXPECT_EQ(run(*life, plan.size()), plan.size());
  EXPECT_EQ(count("applied"), 2000);
  EXPECT_EQ(
      number("SELECT count(*) FROM (SELECT sequence, lag(sequence) OVER (PARTITION BY key ORDER BY at) AS before FROM probe.applied) x "
             "WHERE sequence <> coalesce(before, 0) + 1"),
      0);
}

TEST_F(StageOrderTest, TellsHowLongTheOldestParkedMessageHasWaited) {
  auto life = start();
  send("acme/t1", 2);
  run(*life, 1);
  life.reset();
  admin->execute_script("UPDATE probe.parked SET parked_at = clock_timestamp() - interval '1 hour'");
  life = start();
  life->stage.run_once(std::chrono::milliseconds{10});
  const std::string metrics = life->metrics.expose();
  const auto at = metrics.find("parked_oldest_seconds{stage=\"probes\"} ");
  ASSERT_NE(at, std::string::npos) << metrics;
  EXPECT_GE(std::stod(metrics.substr(metrics.find(' ', at))), 3600);
}

TEST_F(StageOrderTest, DrainsADueMessageThatTheCounterOfItsKeyForgot) {
  auto life = start();
  send("acme/t1", 2);
  run(*life, 1);
  life.reset();
  admin->execute_script("UPDATE probe.key_state SET inputs = '{1}', parked = 0");
  life = start();
  for (int turn = 0; turn < 20 && count("parked") > 0; ++turn) life->stage.run_once(std::chrono::milliseconds{10});
  EXPECT_EQ(applied("acme/t1"), "2");
}

}  // namespace countersign::pipeline::testing
