// Messages that the database refuses, and messages that kill.

#include "pipeline/dead_letters.hpp"
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
  EXPECT_EQ(count("dead_letter WHERE log_offset = 0 AND reason = 'rejected_by_database' AND group_name = 'probe.probes'"), 1);
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

TEST_F(StagePoisonTest, SaysOfAMessageThatKillsEvenWhoSetsItAsideThatItIsDeadly) {
  handler.on_arrival = [](const Arrival& arrival, Batch&) {
    const bool poison = arrival.refusal ? arrival.refusal->code == unhandled : std::any_cast<std::string>(arrival.body) == "poison";
    if (poison) throw Killed{};
  };
  for (int i = 1; i <= 3; ++i) send("acme/t1", i, "probe.noted", i == 2 ? "poison" : "{}");
  live_and_die(3);
  EXPECT_EQ(applied("acme/t1"), "1 3");
  EXPECT_EQ(dead(), "1:deadly");
}

TEST_F(StagePoisonTest, TakesBackTheStartOfAMessageThatItSurvives) {
  int failures = 0;
  handler.on_arrival = [&](const Arrival& arrival, Batch&) {
    if (arrival.refusal || std::any_cast<std::string>(arrival.body) != "unlucky") return;
    if (++failures <= 3) throw Killed{};                                // brings the partition into careful mode
    if (failures <= 12) throw base::Conflict("the database was busy");  // survived, nine times
  };
  send("acme/t1", 1, "probe.noted", "unlucky");
  live_and_die(1);
  EXPECT_EQ(applied("acme/t1"), "1");
  EXPECT_EQ(count("dead_letter"), 0);
}

TEST_F(StagePoisonTest, DoesNotBlameMessagesForAnOutage) {
  int outages = 0;
  handler.on_arrival = [&](const Arrival&, Batch& batch) {
    if (++outages <= 8) end_session(batch);
  };
  auto life = start();
  for (int i = 1; i <= 4; ++i) send("acme/t1", i);
  EXPECT_EQ(run(*life, 4), 4U);
  EXPECT_EQ(applied("acme/t1"), "1 2 3 4");
  EXPECT_EQ(count("dead_letter"), 0);
}

TEST_F(StagePoisonTest, KeepsABatchWholeThatLostItsConnectionOnce) {
  handler.on_arrival = [lost = false](const Arrival&, Batch& batch) mutable {
    if (!std::exchange(lost, true)) end_session(batch);
  };
  auto life = start();
  for (int i = 1; i <= 4; ++i) send("acme/t1", i);
  EXPECT_EQ(run(*life, 4), 4U);
  EXPECT_EQ(handler.commits, 1);
}

TEST_F(StagePoisonTest, HalvesABatchThatKeepsLosingItsConnection) {
  handler.on_arrival = [](const Arrival&, Batch& batch) {
    if (rows_of(batch) > 4) end_session(batch);  // as idle_in_transaction_session_timeout does to a batch that takes too long
  };
  auto life = start();
  for (int i = 1; i <= 16; ++i) send("acme/t1", i);
  EXPECT_EQ(run(*life, 16), 16U);
  EXPECT_EQ(count("applied"), 16);
}

TEST_F(StagePoisonTest, HalvesABatchThatIsTooSlowForTheStatementTimeout) {
  statement_timeout = std::chrono::milliseconds{200};
  handler.on_arrival = [](const Arrival&, Batch& batch) {
    constexpr postgres::Statement slow{"slow", "SELECT 1 FROM pg_sleep(10)"};
    if (rows_of(batch) > 4) batch.transaction().execute(slow);
  };
  auto life = start();
  for (int i = 1; i <= 16; ++i) send("acme/t1", i);
  life->stage.run_once(std::chrono::milliseconds{10});  // is given its partitions
  EXPECT_EQ(run(*life, 16), 16U);
  EXPECT_EQ(count("applied"), 16);
  EXPECT_EQ(count("dead_letter"), 0);
}

TEST_F(StagePoisonTest, WaitsWhenEvenTheNoteOfARefusalIsRefused) {
  std::string readiness;
  auto wish = options();
  wish.report_readiness = [&](bool ready, const std::string& why) { readiness = ready ? "ready" : why; };
  handler.on_arrival = [](const Arrival&, Batch&) { throw base::Rejected("23514", "a check that knows no mercy"); };
  auto life = start_with(wish);
  send("acme/t1", 1);
  for (int turn = 0; turn < 5; ++turn) EXPECT_NO_THROW(life->stage.run_once(std::chrono::milliseconds{10}));
  EXPECT_EQ(readiness, "a check that knows no mercy");
  handler.on_arrival = nullptr;
  EXPECT_EQ(run(*life, 1), 1U);
  EXPECT_EQ(applied("acme/t1"), "1");
}

TEST_F(StagePoisonTest, SetsAsideTheParkedMessageThatKillsAndNotTheOneThatFreedIt) {
  handler.on_arrival = [](const Arrival& arrival, Batch&) {
    if (!arrival.refusal && std::any_cast<std::string>(arrival.body) == "poison") throw Killed{};
  };
  auto life = start();
  send("acme/t1", 2, "probe.noted", "poison");
  run(*life, 1);
  life.reset();
  send("acme/t1", 1);
  send("acme/t1", 3);
  const int deaths = live_and_die(3);
  EXPECT_EQ(applied("acme/t1"), "1 3");
  EXPECT_EQ(dead(), "0:unhandled");
  EXPECT_LE(deaths, 10);
  EXPECT_GE(deaths, 4);
}

TEST_F(StagePoisonTest, CountsAStartOnceThatItSurvivedButCouldNotTakeBack) {
  postgres::testing::CuttingProxy proxy{database.server().host(), database.server().port()};
  int failures = 0;
  handler.on_arrival = [&](const Arrival& arrival, Batch& batch) {
    if (arrival.refusal || ++failures > 11) return;
    if (failures <= 3) throw Killed{};  // brings the partition into careful mode
    proxy.refuse(true);
    end_session(batch);
  };
  send("acme/t1", 1);
  for (int turn = 0, lives = 0; count("applied") == 0 && lives < 6; ++lives) {
    auto life = start_with(options(), "probe-0", proxy.through(settings().conninfo));
    try {
      for (turn = 0; turn < 60 && count("applied") == 0; ++turn) {
        life->stage.run_once(std::chrono::milliseconds{2});
        proxy.refuse(false);
      }
    } catch (const Killed&) {
    }
  }
  EXPECT_EQ(applied("acme/t1"), "1");
  EXPECT_EQ(dead(), "");
}

TEST_F(StagePoisonTest, DoesNotBlameAParkedMessageForAnOutage) {
  auto life = start();
  send("acme/t1", 2);
  run(*life, 1);
  handler.on_arrival = [outages = 0](const Arrival&, Batch& batch) mutable {
    if (rows_of(batch) == 1 && ++outages <= 8) end_session(batch);
  };
  admin->execute_script("UPDATE probe.key_state SET inputs = '{1}'");
  life.reset();
  life = start();
  for (int turn = 0; turn < 40 && count("parked") > 0; ++turn) life->stage.run_once(std::chrono::milliseconds{5});
  EXPECT_EQ(applied("acme/t1"), "2");
  EXPECT_EQ(dead(), "");
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
