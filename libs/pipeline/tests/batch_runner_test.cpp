#include "pipeline/batch_runner.hpp"

#include "pipeline/tests/probe_service.hpp"

namespace countersign::pipeline::testing {

class BatchRunnerTest : public ProbeTest {
 protected:
  // A life whose database connections go through the proxy.
  std::unique_ptr<Life> start_through_proxy() { return start_with(options(), "probe-0", proxy.through(settings().conninfo)); }

  postgres::testing::CuttingProxy proxy{database.server().host(), database.server().port()};
};

TEST_F(BatchRunnerTest, LeavesAWitnessThatTilesTheLog) {
  auto life = start();
  for (int i = 1; i <= 3; ++i) send("acme/t1", i);
  EXPECT_EQ(run(*life, 3), 3U);
  send("acme/t1", 4);
  EXPECT_EQ(run(*life, 1), 1U);
  EXPECT_EQ(number("SELECT count(*) FROM (SELECT f, lag(t) OVER (PARTITION BY p ORDER BY f) AS before FROM probe.batch, "
                   "unnest(partitions, from_offsets, to_offsets) AS r (p, f, t) WHERE NOT void) x WHERE f <> coalesce(before, 0)"),
            0);
}

TEST_F(BatchRunnerTest, NumbersWhatItOwesWithoutGapsPerKey) {
  handler.echo = true;
  auto life = start();
  for (int i = 1; i <= 3; ++i) {
    send("acme/t1", i);
    send("acme/t2", i);
    run(*life, 2);
  }
  settle(*life);
  std::map<std::string, std::vector<std::string>> sequences;
  for (const auto& message : broker.messages("echoes"))
    sequences[*message.key].emplace_back(*base::find_header(message.headers, "ce_sequence"));
  EXPECT_EQ(sequences["acme/t1"], (std::vector<std::string>{"1", "2", "3"}));
  EXPECT_EQ(sequences["acme/t2"], (std::vector<std::string>{"1", "2", "3"}));
}

TEST_F(BatchRunnerTest, TellsWhetherAKeyIsHeardOfForTheFirstTime) {
  for (const auto acquaintance : {Acquaintance::known, Acquaintance::mixed, Acquaintance::fresh}) {
    const std::string key = "acme/t" + std::to_string(static_cast<int>(acquaintance));
    std::vector<bool> fresh;
    handler.on_arrival = [&](const Arrival&, Batch& batch) { fresh.push_back(batch.key_state(key).fresh); };
    auto wish = options();
    wish.acquaintance = acquaintance;
    auto life = start_with(wish);
    for (int i = 1; i <= 2; ++i) {
      send(key, i);
      run(*life, 1);
    }
    EXPECT_EQ(fresh, (std::vector<bool>{true, false})) << key;
    EXPECT_EQ(number("SELECT inputs[1] FROM probe.key_state WHERE key = '" + key + "'"), 2);
  }
}

TEST_F(BatchRunnerTest, RepeatsABatchWhoseNewKeyAnotherOneMade) {
  handler.echo = true;
  auto wish = options();
  wish.acquaintance = Acquaintance::fresh;
  auto life = start_with(wish);
  BatchRunner other({probe_territory, life->incarnation, life->publisher, life->ids, clock, {life->log, life->metrics}, settings()},
                    "other");
  std::vector<bool> fresh;
  handler.on_arrival = [&](const Arrival&, Batch& batch) {
    fresh.push_back(batch.key_state("acme/t1").fresh);
    if (fresh.size() > 1) return;
    BatchRequest request;
    request.keys = {"acme/t1"};
    other.run(request, {}, [](Batch& beside) { beside.emit({"echoes", "acme/t1", "probe.echoed", "acme", "t1", "{}", ""}); });
  };
  send("acme/t1", 1);
  EXPECT_EQ(run(*life, 1), 1U);
  EXPECT_EQ(fresh, (std::vector<bool>{true, false}));
  EXPECT_EQ(applied("acme/t1"), "1");
  settle(*life);
  EXPECT_EQ(number("SELECT outputs[1] FROM probe.key_state"), 2);
  EXPECT_EQ(broker.messages("echoes").size(), 2U);
}

TEST_F(BatchRunnerTest, FindsOutThatACommitWithoutAnAnswerHappened) {
  auto life = start_through_proxy();
  send("acme/t1", 1);
  run(*life, 1);
  proxy.cut_at("COMMIT", postgres::testing::CuttingProxy::Cut::before_answer);
  send("acme/t1", 2);
  EXPECT_EQ(run(*life, 1), 1U);
  EXPECT_EQ(proxy.cuts(), 1);
  EXPECT_EQ(applied("acme/t1"), "1 2");
  EXPECT_EQ(number("SELECT count(*) FROM probe.batch WHERE void"), 0);
}

TEST_F(BatchRunnerTest, RepeatsACommitThatDidNotHappen) {
  auto life = start_through_proxy();
  send("acme/t1", 1);
  run(*life, 1);
  proxy.cut_at("COMMIT", postgres::testing::CuttingProxy::Cut::before_request);
  send("acme/t1", 2);
  EXPECT_EQ(run(*life, 1), 1U);
  EXPECT_EQ(applied("acme/t1"), "1 2");
  EXPECT_EQ(number("SELECT count(*) FROM probe.batch WHERE void"), 1);
}

TEST_F(BatchRunnerTest, KeepsAnOrphanFromCommittingOnceItsBatchIsVoid) {
  auto orphan = database.connect();
  auto resolver = database.connect();
  base::UuidV7Source source{clock};
  const auto id = source.next();
  const std::string insert = "INSERT INTO probe.batch (id, stage, incarnation, void) VALUES ('" + id.str() + "', 's', '" + id.str() + "', ";
  resolver->execute_script(insert + "true)");
  EXPECT_THROW(orphan->execute_script(insert + "false)"), base::Rejected);
}

TEST_F(BatchRunnerTest, RecordsTheSessionsRoleAsTheActor) {
  handler.on_arrival = [](const Arrival&, Batch& batch) { batch.audit({"acme", "t1", 1, 0, "probed", "{}"}); };
  auto life = start();
  send("acme/t1", 1);
  run(*life, 1);
  EXPECT_EQ(number("SELECT count(*) FROM audit.entry WHERE actor = 'countersign_probe' AND event = 'probed'"), 1);
}

TEST_F(BatchRunnerTest, GivesNobodyTheRightToNameAnActor) {
  postgres::Session session{settings()};
  EXPECT_THROW(session.execute_script("INSERT INTO audit.entry (id, batch_id, tenant_id, event, actor) VALUES "
                                      "(gen_random_uuid(), gen_random_uuid(), 'acme', 'forged', 'somebody')"),
               base::Rejected);
  EXPECT_THROW(session.execute_script("UPDATE audit.entry SET event = 'nothing'"), base::Rejected);
  EXPECT_THROW(session.execute_script("DELETE FROM audit.entry"), base::Rejected);
}

}  // namespace countersign::pipeline::testing
