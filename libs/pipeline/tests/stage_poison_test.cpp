// Messages that the database refuses, and messages that kill.

#include "pipeline/tests/probe_service.hpp"

namespace countersign::pipeline::testing {

class StagePoisonTest : public ProbeTest {
 protected:
  // One life after the other until the key has come to `sequence`; returns how many lives a message ended.
  int live_and_die(std::int64_t sequence) {
    int deaths = 0;
    for (int lives = 0; lives < 40; ++lives) {
      auto life = start();
      try {
        for (int turn = 0; turn < 10; ++turn) life->stage.run_once(std::chrono::milliseconds{2});
      } catch (const Killed&) {
        ++deaths;
      }
      if (number("SELECT coalesce(max(inputs[1]), 0) FROM probe.key_state") == sequence) return deaths;
    }
    ADD_FAILURE() << "not done after 40 lives";
    return deaths;
  }
};

TEST_F(StagePoisonTest, SetsAsideTheOneMessageThatPostgresRefuses) {
  auto life = start();
  for (int i = 1; i <= 20; ++i) send("acme/t" + std::to_string(i), 1, "probe.noted", i == 13 ? "not for a table" : "{}");
  EXPECT_EQ(run(*life, 20), 20U);
  EXPECT_EQ(count("applied WHERE NOT refused"), 19);
  EXPECT_EQ(count("dead_letter WHERE reason = 'rejected_by_database'"), 1);
}

TEST_F(StagePoisonTest, BlamesTheParkedMessageAndNotTheOneThatFreedIt) {
  auto life = start();
  send("acme/t1", 2, "probe.noted", "not for a table");
  send("acme/t1", 3);
  run(*life, 2);
  send("acme/t1", 1);
  run(*life, 1);
  for (int turn = 0; turn < 20 && count("parked") > 0; ++turn) life->stage.run_once(std::chrono::milliseconds{5});
  EXPECT_EQ(applied("acme/t1"), "1 3");
  EXPECT_EQ(count("dead_letter WHERE log_offset = 0 AND reason = 'rejected_by_database'"), 1);
  EXPECT_EQ(count("dead_letter"), 1);
}

TEST_F(StagePoisonTest, SetsAsideAtTheFifthStartWhatKillsEveryProcess) {
  handler.on_arrival = [](const Arrival& arrival, Batch&) {
    if (!arrival.refusal && std::any_cast<std::string>(arrival.body) == "poison") throw Killed{};
  };
  for (int i = 1; i <= 6; ++i) send("acme/t1", i, "probe.noted", i == 4 ? "poison" : "{}");
  const int deaths = live_and_die(6);
  EXPECT_EQ(applied("acme/t1"), "1 2 3 5 6");
  EXPECT_EQ(dead(), "3:unhandled");
  EXPECT_LE(deaths, 10);
  EXPECT_GE(deaths, 4);
}

TEST_F(StagePoisonTest, TakesBackTheStartOfAMessageThatItSurvives) {
  int failures = 0;
  handler.on_arrival = [&](const Arrival& arrival, Batch&) {
    if (arrival.refusal || std::any_cast<std::string>(arrival.body) != "unlucky") return;
    if (++failures <= 3) throw Killed{};                                  // brings the partition into careful mode
    if (failures <= 12) throw base::Conflict("the database was busy");  // survived, nine times
  };
  send("acme/t1", 1, "probe.noted", "unlucky");
  live_and_die(1);
  EXPECT_EQ(applied("acme/t1"), "1");
  EXPECT_EQ(count("dead_letter"), 0);
}

TEST_F(StagePoisonTest, DoesNotBlameMessagesForAnOutage) {
  int outages = 0;
  handler.on_arrival = [&](const Arrival&, Batch&) {
    if (++outages <= 8) throw base::Unavailable("gone");
  };
  auto life = start();
  for (int i = 1; i <= 4; ++i) send("acme/t1", i);
  EXPECT_EQ(run(*life, 4), 4U);
  EXPECT_EQ(applied("acme/t1"), "1 2 3 4");
  EXPECT_EQ(handler.commits, 1);  // the batch was never cut
}

TEST_F(StagePoisonTest, HalvesABatchThatLosesARaceAndGrowsAgain) {
  int conflicts = 0;
  std::size_t largest = 0;
  handler.on_arrival = [&](const Arrival&, Batch& batch) {
    std::size_t rows = 0;
    for (const auto& [key, arrivals] : batch.arrivals()) rows += arrivals.size();
    largest = std::max(largest, conflicts >= 3 ? rows : 0);
    if (rows > 4 && conflicts < 3 && ++conflicts <= 3) throw base::Conflict("deadlock");
  };
  auto life = start();
  for (int i = 1; i <= 64; ++i) send("acme/t1", i);
  EXPECT_EQ(run(*life, 64), 64U);
  EXPECT_EQ(count("applied"), 64);
  EXPECT_GT(largest, 8U);
}

}  // namespace countersign::pipeline::testing
