#include "postgres/time_partitions.hpp"

#include <algorithm>

#include "postgres/tests/fixture.hpp"
#include "postgres/migrations.hpp"
#include "postgres/roles.hpp"

namespace countersign::postgres {
namespace {

using namespace std::chrono_literals;
using Kind = PartitionChange::Kind;

testing::Blueprint blueprint() {
  testing::Blueprint plan;
  plan.name = "time partitions";
  plan.migrations = migrations();
  plan.migrations.push_back({"test", 1, "create-tables", R"sql(
    CREATE SCHEMA mine;
    CREATE TABLE mine.batch (id uuid PRIMARY KEY, note text NOT NULL DEFAULT 'none', CONSTRAINT short CHECK (length(note) < 10))
      PARTITION BY RANGE (id);
    CREATE INDEX ON mine.batch (note);
    CREATE TABLE mine.history (at timestamptz NOT NULL, n bigint) PARTITION BY RANGE (at);
    SELECT core.partition_by_day('mine', 'batch', 'uuid7', 5);
    SELECT core.partition_by_day('mine', 'history', 'time', 2);
  )sql"});
  return plan;
}

class TimePartitionsTest : public ::testing::Test {
 protected:
  std::int64_t number(const std::string& sql) { return session.execute({"number", sql.c_str()})[0].get<std::int64_t>(0); }
  std::string text(const std::string& sql) { return session.execute({"text", sql.c_str()})[0].get<std::string>(0); }
  void run(const std::string& sql) { session.execute_script(sql); }
  static long count(const std::vector<PartitionChange>& changes, Kind kind) {
    return std::count_if(changes.begin(), changes.end(), [kind](const auto& change) { return change.kind == kind; });
  }

  testing::ScratchDatabase database{blueprint()};
  Session session{database.settings()};
  TimePartitionKeeper keeper{3};
};

TEST_F(TimePartitionsTest, AreThereFromTheStart) {
  // yesterday, today, three ahead, and the default
  EXPECT_EQ(number("SELECT count(*) FROM pg_inherits WHERE inhparent = 'mine.batch'::regclass"), 6);
  EXPECT_EQ(number("SELECT count(*) FROM pg_inherits WHERE inhparent = 'mine.history'::regclass"), 6);
  EXPECT_TRUE(keeper.keep_once(session).empty());
}

TEST_F(TimePartitionsTest, TakeTheRowsOfTheirDay) {
  base::SystemClock clock;
  base::UuidV7Source ids{clock};
  session.execute({"write", "INSERT INTO mine.batch VALUES ($1::uuid)"}, Parameters{}.add(ids.next()));
  run("INSERT INTO mine.history VALUES (now(), 1), (now() + interval '2 days', 2)");
  EXPECT_EQ(text("SELECT tableoid::regclass::text FROM mine.batch"), text("SELECT 'mine.batch_p' || to_char(now(), 'YYYYMMDD')"));
  EXPECT_EQ(number("SELECT count(*) FROM mine.history_default"), 0);
}

TEST_F(TimePartitionsTest, HaveTheirParentsConstraintsAndIndexes) {
  const std::string today = text("SELECT 'mine.batch_p' || to_char(now(), 'YYYYMMDD')");
  EXPECT_EQ(number("SELECT count(*) FROM pg_index WHERE indrelid = '" + today + "'::regclass"), 2);
  EXPECT_THROW(run("INSERT INTO mine.batch VALUES (core.uuid7_floor(now()), 'longer than that')"), base::Rejected);
  run("INSERT INTO mine.batch VALUES (core.uuid7_floor(now()))");
  EXPECT_EQ(text("SELECT note FROM mine.batch"), "none");
}

TEST_F(TimePartitionsTest, AreMadeFurtherAhead) {
  const auto changes = TimePartitionKeeper{10}.keep_once(session);
  EXPECT_EQ(count(changes, Kind::created), 14);
  EXPECT_EQ(changes.size(), 14U);
}

TEST_F(TimePartitionsTest, NeverRefuseARowOfAnyTime) {
  run("INSERT INTO mine.batch VALUES (core.uuid7_floor(now() + interval '100 days')), (core.uuid7_floor(now() - interval '3 days'))");
  EXPECT_EQ(number("SELECT count(*) FROM mine.batch_default"), 2);
}

TEST_F(TimePartitionsTest, AreSkippedWhereTheDefaultHoldsTheDay) {
  run("INSERT INTO mine.history VALUES (date_trunc('day', now(), 'UTC') + interval '4 days', 1)");
  const auto changes = TimePartitionKeeper{5}.keep_once(session);
  EXPECT_EQ(count(changes, Kind::skipped), 1);
  EXPECT_EQ(count(changes, Kind::created), 3);
}

TEST_F(TimePartitionsTest, AreDroppedWhenKeptLongEnough) {
  run("CREATE TABLE mine.history_p20200101 PARTITION OF mine.history FOR VALUES FROM ('2020-01-01') TO ('2020-01-02')");
  run("INSERT INTO mine.history VALUES ('2020-01-01 12:00', 1), ('2020-02-01', 2), (now(), 3)");
  const auto changes = keeper.keep_once(session);
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].kind, Kind::dropped);
  EXPECT_EQ(changes[0].partition, "mine.history_p20200101");
  EXPECT_EQ(number("SELECT n FROM mine.history"), 3);
}

TEST_F(TimePartitionsTest, AreLeftAloneWhileSomebodyReadsTheTable) {
  run("CREATE TABLE mine.history_p20200101 PARTITION OF mine.history FOR VALUES FROM ('2020-01-01') TO ('2020-01-02')");
  Session reader{database.settings()};
  {
    Transaction reading{reader};
    reading.execute({"read", "SELECT count(*) FROM mine.history"});
    const auto changes = keeper.keep_once(session);
    EXPECT_EQ(count(changes, Kind::skipped), 1);
  }
  EXPECT_EQ(count(keeper.keep_once(session), Kind::dropped), 1);
}

TEST_F(TimePartitionsTest, CanBeKeptByARoleWithoutRightsOnTheTables) {
  const std::string role = "keeper_of_" + database.name();
  ensure_login_role(session, role, base::Secret{"secret"});
  {
    Session service{database.settings_of(role, "secret")};
    EXPECT_EQ(count(TimePartitionKeeper{4}.keep_once(service), Kind::created), 2);
    EXPECT_THROW(service.execute_script("SELECT core.partition_by_day('mine', 'batch', 'uuid7', 1)"), base::Rejected);
    EXPECT_THROW(service.execute_script("INSERT INTO core.partitioned_table VALUES ('a', 'b', 'c', 'time', 1)"), base::Rejected);
    EXPECT_THROW(service.execute_script("SELECT core.keep_partitions(1000)"), base::Rejected);
  }
  run("DROP ROLE " + role);
}

TEST_F(TimePartitionsTest, AreKeptAtOnceAndEveryHour) {
  Pool pool{database.settings(), 1};
  base::ManualClock clock;
  std::stop_source stop;
  stop.request_stop();
  TimePartitionKeeper{6}.run(stop.get_token(), pool, clock);
  EXPECT_EQ(number("SELECT count(*) FROM pg_inherits WHERE inhparent = 'mine.batch'::regclass"), 9);
}

TEST_F(TimePartitionsTest, AreRefusedForATableOfAnotherShape) {
  run("CREATE TABLE mine.odd (id bigint) PARTITION BY RANGE (id)");
  EXPECT_THROW(run("SELECT core.partition_by_day('mine', 'odd', 'uuid7', 5)"), base::Rejected);
}

}  // namespace
}  // namespace countersign::postgres
