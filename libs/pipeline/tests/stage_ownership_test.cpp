// Who may consume: epochs, fences, the log check.

#include "pipeline/tests/probe_service.hpp"

namespace countersign::pipeline::testing {

class StageOwnershipTest : public ProbeTest {
 protected:
  std::string readiness;
  StageOptions watched() {
    auto wish = options();
    wish.report_readiness = [this](bool ready, const std::string& why) { readiness = ready ? "ready" : why; };
    return wish;
  }
};

TEST_F(StageOwnershipTest, GoesOnWhereTheLastLifeStopped) {
  auto life = start();
  send("acme/t1", 1);
  run(*life, 1);
  life.reset();
  send("acme/t1", 2);
  life = start();
  EXPECT_EQ(run(*life, 1), 1U);
  EXPECT_EQ(applied("acme/t1"), "1 2");
}

TEST_F(StageOwnershipTest, RefusesTheCommitOfWhoeverWasTakenOver) {
  auto zombie = start("probe-0");
  send("acme/t1", 1);
  run(*zombie, 1);
  // Somebody else takes the partitions over, as after a pause longer than the session.
  admin->execute_script("UPDATE probe.consumer_offset SET epoch = epoch + 1, owner = gen_random_uuid()");
  const auto stale = zombie->incarnation.current();
  send("acme/t1", 2);
  zombie->stage.run_once(std::chrono::milliseconds{50});
  zombie->stage.run_once(std::chrono::milliseconds{50});
  EXPECT_EQ(number("SELECT count(*) FROM probe.batch b, unnest(b.epochs) e WHERE e = 2"), 0);
  EXPECT_NE(zombie->incarnation.current(), stale);
}

TEST_F(StageOwnershipTest, TakesAPartitionOverAgainThatKafkaStillGivesIt) {
  auto life = start();
  send("acme/t1", 1);
  run(*life, 1);
  admin->execute_script("UPDATE probe.consumer_offset SET epoch = epoch + 1");
  send("acme/t1", 2);
  EXPECT_EQ(run(*life, 1), 1U);
  EXPECT_EQ(applied("acme/t1"), "1 2");
}

TEST_F(StageOwnershipTest, SharesTheTopicAndAppliesNothingTwice) {
  auto first = start("probe-0");
  for (int i = 0; i < 40; ++i) send("acme/k" + std::to_string(i), 1);
  run(*first, 10);
  auto second = start("probe-1");
  for (int turn = 0; turn < 60 && count("applied") < 40; ++turn) {
    first->stage.run_once(std::chrono::milliseconds{5});
    second->stage.run_once(std::chrono::milliseconds{5});
  }
  for (int i = 0; i < 40; ++i) send("acme/k" + std::to_string(i), 2);
  for (int turn = 0; turn < 60 && count("applied") < 80; ++turn) {
    first->stage.run_once(std::chrono::milliseconds{5});
    second->stage.run_once(std::chrono::milliseconds{5});
  }
  EXPECT_EQ(count("applied"), 80);
  EXPECT_EQ(number("SELECT count(DISTINCT (key, sequence)) FROM probe.applied"), 80);
}

TEST_F(StageOwnershipTest, DoesNotConsumeALogThatWasMadeAnew) {
  auto life = start_with(watched());
  for (int i = 1; i <= 3; ++i) send("acme/t1", i);
  run(*life, 3);
  life.reset();
  broker.create_topic("probes", 2);
  for (int i = 1; i <= 5; ++i) send("acme/t1", i);
  life = start_with(watched());
  run(*life, 1);
  EXPECT_EQ(count("applied"), 3);
  EXPECT_NE(readiness.find("countersign offsets repair"), std::string::npos) << readiness;
}

TEST_F(StageOwnershipTest, DoesNotConsumeALogThatIsShorterThanWhatItRead) {
  auto life = start_with(watched());
  for (int i = 1; i <= 3; ++i) send("acme/t1", i);
  run(*life, 3);
  life.reset();
  broker.create_topic("probes", 2);
  life = start_with(watched());
  run(*life, 1);
  EXPECT_NE(readiness.find("countersign offsets repair"), std::string::npos) << readiness;
}

TEST_F(StageOwnershipTest, NoticesANewLogWhileItRuns) {
  auto life = start_with(watched());
  for (int i = 1; i <= 3; ++i) send("acme/t1", i);
  run(*life, 3);
  broker.set_reachable(false);
  life->stage.run_once(std::chrono::milliseconds{10});
  broker.create_topic("probes", 2);
  for (int i = 1; i <= 9; ++i) send("acme/t1", i, "probe.noted", R"({"other":true})");
  broker.set_reachable(true);
  run(*life, 1);
  EXPECT_EQ(count("applied"), 3);
  EXPECT_NE(readiness.find("countersign offsets repair"), std::string::npos) << readiness;
}

TEST_F(StageOwnershipTest, WantsToBeToldBeforeItStartsInTheMiddleOfALog) {
  for (int i = 1; i <= 5; ++i) send("acme/t1", i);
  for (int partition = 0; partition < 2; ++partition) broker.truncate({"probes", partition}, 2);
  auto life = start_with(watched());
  run(*life, 1);
  EXPECT_EQ(count("applied"), 0);
  EXPECT_NE(readiness.find("countersign offsets adopt"), std::string::npos) << readiness;
}

TEST_F(StageOwnershipTest, ConsumesAgainOnceTheOffsetsAreRepaired) {
  auto life = start_with(watched());
  for (int i = 1; i <= 3; ++i) send("acme/t1", i);
  run(*life, 3);
  life.reset();
  broker.create_topic("probes", 2);
  send("acme/t2", 1);
  life = start_with(watched());
  run(*life, 1);
  admin->execute_script("UPDATE probe.consumer_offset SET next_offset = 0, digest = NULL");
  EXPECT_EQ(run(*life, 1), 1U);
  EXPECT_EQ(readiness, "ready");
}

TEST_F(StageOwnershipTest, IsReadyOnceEveryAssignedPartitionIsTakenOver) {
  auto life = start_with(watched());
  life->stage.run_once(std::chrono::milliseconds{10});
  for (int turn = 0; turn < 20 && readiness != "ready"; ++turn) life->stage.run_once(std::chrono::milliseconds{5});
  EXPECT_EQ(readiness, "ready");
}

TEST_F(StageOwnershipTest, RetriesTheRestOfABatchThatLostOneOfItsPartitions) {
  auto wish = options();
  wish.retake_after = std::chrono::hours{1};
  auto life = start_with(wish);
  std::map<int, std::string> key_of;
  for (int i = 0; key_of.size() < 2; ++i) {
    const std::string key = "acme/k" + std::to_string(i);
    key_of[send(key, 1).at.partition] = key;
  }
  while (life->stage.run_once(std::chrono::milliseconds{50}) == 0) {
  }
  admin->execute_script("UPDATE probe.consumer_offset SET epoch = epoch + 1 WHERE partition = 0");
  send(key_of[0], 2);
  send(key_of[1], 2);
  EXPECT_EQ(run(*life, 1), 1U);
  EXPECT_EQ(applied(key_of[0]), "1");
  EXPECT_EQ(applied(key_of[1]), "1 2");
}

TEST_F(StageOwnershipTest, LeavesWhatIsPendingToTheNextLife) {
  auto life = start();
  const auto at = send("acme/t1", 1).at;
  run(*life, 1);
  handler.on_arrival = [](const Arrival&, Batch&) { throw base::Unavailable("gone"); };
  send("acme/t1", 2);
  life->stage.run_once(std::chrono::milliseconds{50});
  life->stage.leave(std::chrono::seconds{1});
  EXPECT_EQ(broker.progress("probe.probes", at), 1);
  handler.on_arrival = nullptr;
  auto next = start("probe-1");
  EXPECT_EQ(run(*next, 1), 1U);
  EXPECT_EQ(applied("acme/t1"), "1 2");
}

TEST_F(StageOwnershipTest, ConsumesNothingOfALogThatItCouldNotCheck) {
  auto life = start();
  for (int i = 1; i <= 3; ++i) send("acme/t1", i);
  run(*life, 3);
  life.reset();
  broker.create_topic("probes", 2);
  for (int i = 1; i <= 5; ++i) send("acme/t1", i);
  tripping.before = [](const std::string& function) {
    if (function == "find_message") throw base::Unavailable("the leader moved");
  };
  life = start();
  for (int turn = 0; turn < 5; ++turn) life->stage.run_once(std::chrono::milliseconds{10});
  EXPECT_EQ(count("applied"), 3);
}

TEST_F(StageOwnershipTest, BeginsAgainWhatTheConsumerCouldNotTake) {
  tripping.before = [failures = 0](const std::string& function) mutable {
    if (function == "begin" && ++failures == 1) throw base::Unavailable("the client is busy");
  };
  auto life = start();
  send("acme/t1", 1);
  EXPECT_EQ(run(*life, 1), 1U);
}

TEST_F(StageOwnershipTest, HoldsNoMoreThanABatchWhileTheDatabaseIsAway) {
  auto wish = options();
  wish.most_bytes = 4096;
  auto life = start_with(wish);
  handler.on_arrival = [](const Arrival&, Batch&) { throw base::Unavailable("gone"); };
  for (int i = 1; i <= 40; ++i) send("acme/t1", i, "probe.noted", std::string(1024, 'x'));
  for (int turn = 0; turn < 60; ++turn) life->stage.run_once(std::chrono::milliseconds{1});
  EXPECT_GT(tripping.delivered, 0U);
  EXPECT_LE(tripping.delivered, 5U);
}

TEST_F(StageOwnershipTest, ChecksTheLogsOnceHoweverMuchTroubleThereWas) {
  auto life = start();
  send("acme/t1", 1);
  run(*life, 1);
  int looks = 0;
  tripping.before = [&](const std::string& function) { looks += function == "find_message" ? 1 : 0; };
  tripping.troubles.assign(20, messaging::Trouble{.what = "the connection was cut"});
  for (int turn = 0; turn < 5; ++turn) life->stage.run_once(std::chrono::milliseconds{5});
  EXPECT_EQ(looks, 1);
}

TEST_F(StageOwnershipTest, JoinsAnewWhenTheGroupEndsItAndNobodyElseHasItsName) {
  auto wish = options();
  wish.instance = "probe-0";
  auto life = start_with(wish);
  send("acme/t1", 1);
  run(*life, 1);
  broker.make_consumer({"probe.probes", {"probes"}, "probe-0.probes"})->close(std::chrono::seconds{1});
  send("acme/t1", 2);
  EXPECT_EQ(run(*life, 1), 1U);
  EXPECT_EQ(applied("acme/t1"), "1 2");
}

TEST_F(StageOwnershipTest, EndsWhenAnotherProcessTakesItsInstanceName) {
  auto wish = options();
  wish.instance = "probe-0";
  auto older = start_with(wish);
  send("acme/t1", 1);
  run(*older, 1);
  auto newer = start_with(wish);
  newer->stage.run_once(std::chrono::milliseconds{10});
  EXPECT_THROW(for (int turn = 0; turn < 50; ++turn) older->stage.run_once(std::chrono::milliseconds{5}), ConsumerEnded);
  send("acme/t1", 2);
  EXPECT_EQ(run(*newer, 1), 1U);
  EXPECT_EQ(applied("acme/t1"), "1 2");
}

}  // namespace countersign::pipeline::testing
