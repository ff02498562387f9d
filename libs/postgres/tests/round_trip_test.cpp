#include "postgres/tests/fixture.hpp"

namespace countersign::postgres {
namespace {

using testing::CuttingProxy;

constexpr Statement add_one_number{"add_number", "INSERT INTO numbers VALUES ($1::bigint)"};
constexpr Statement count_numbers{"count_numbers", "SELECT count(*) FROM numbers"};
constexpr Statement repeat_text{"repeat_text", "SELECT repeat('x', $1::integer), $2::text"};

class RoundTripTest : public DatabaseTest {
 protected:
  RoundTripTest() { run("CREATE TABLE numbers (n bigint PRIMARY KEY DEFERRABLE INITIALLY DEFERRED)"); }
  ConnectionSettings proxied() {
    auto settings = database.settings();
    settings.conninfo = proxy.through(settings.conninfo);
    return settings;
  }
  CuttingProxy proxy{database.server().host(), database.server().port()};
};

TEST_F(RoundTripTest, TakesOneForBeginStatementsAndTheirPreparation) {
  Session session{proxied()};
  const int before = proxy.round_trips();
  Transaction transaction{session};
  transaction.queue(add_one_number, Parameters{}.add(std::int64_t{1}));
  transaction.queue(add_one_number, Parameters{}.add(std::int64_t{2}));
  const auto count = transaction.queue(count_numbers);
  EXPECT_EQ(proxy.round_trips(), before);
  transaction.flush();
  EXPECT_EQ(proxy.round_trips(), before + 1);
  EXPECT_EQ(transaction.take(count)[0].get<std::int64_t>(0), 2);
  transaction.queue(add_one_number, Parameters{}.add(std::int64_t{3}));
  transaction.commit();
  EXPECT_EQ(proxy.round_trips(), before + 2);
  EXPECT_EQ(number("SELECT count(*) FROM numbers"), 3);
}

TEST_F(RoundTripTest, IsNotTakenForAnEmptyTransaction) {
  Session session{proxied()};
  const int before = proxy.round_trips();
  { Transaction abandoned{session}; }
  Transaction empty{session};
  empty.commit();
  EXPECT_EQ(proxy.round_trips(), before);
}

TEST_F(RoundTripTest, PreparesAStatementOncePerSession) {
  for (int i = 0; i < 3; ++i) observer.execute(count_numbers);
  EXPECT_EQ(number("SELECT count(*) FROM pg_prepared_statements WHERE statement = 'SELECT count(*) FROM numbers' AND name LIKE 'count_n%'"),
            1);
}

TEST_F(RoundTripTest, TellsStatementsOfOneNameApart) {
  EXPECT_EQ(observer.execute({"same", "SELECT 1::bigint"})[0].get<std::int64_t>(0), 1);
  EXPECT_EQ(observer.execute({"same", "SELECT 2::bigint"})[0].get<std::int64_t>(0), 2);
}

TEST_F(RoundTripTest, KeepsLongNamesApart) {
  const std::string name(100, 'n');
  EXPECT_EQ(observer.execute({name.c_str(), "SELECT 1::bigint"})[0].get<std::int64_t>(0), 1);
  EXPECT_EQ(observer.execute({name.c_str(), "SELECT 2::bigint"})[0].get<std::int64_t>(0), 2);
}

TEST_F(RoundTripTest, PreparesAgainWhatAnEarlierErrorSkipped) {
  {
    Transaction transaction{observer};
    transaction.queue({"fail", "SELECT 1 / $1::integer"}, Parameters{}.add(std::int32_t{0}));
    transaction.queue(count_numbers);  // neither prepared nor run
    EXPECT_THROW(transaction.flush(), base::Rejected);
  }
  EXPECT_EQ(observer.execute(count_numbers)[0].get<std::int64_t>(0), 0);
  EXPECT_EQ(observer.execute({"fail", "SELECT 1 / $1::integer"}, Parameters{}.add(std::int32_t{1}))[0].get<std::int64_t>(0), 1);
}

TEST_F(RoundTripTest, PreparesAgainAfterTheTableChanged) {
  constexpr Statement all{"all_of_it", "SELECT * FROM changing"};
  run("CREATE TABLE changing (a bigint)");
  observer.execute(all);
  run("ALTER TABLE changing ADD COLUMN b text");
  EXPECT_THROW(observer.execute(all), base::Rejected);
  EXPECT_NO_THROW(observer.execute(all));
}

TEST_F(RoundTripTest, ReportsAnErrorThatComesOnlyAtItsEnd) {
  run("INSERT INTO numbers VALUES (1)");
  EXPECT_NE(told_by<base::Rejected>([&] { observer.execute(add_one_number, Parameters{}.add(std::int64_t{1})); }).find("23505"),
            std::string::npos);
  EXPECT_FALSE(observer.broken());
  EXPECT_EQ(number("SELECT count(*) FROM numbers"), 1);
}

TEST_F(RoundTripTest, CarriesTenMegabytesBothWaysAtOnce) {
  Session session{database.settings()};
  Transaction transaction{session};
  const std::string large(1 << 20, 'q');
  std::vector<Transaction::Claim> claims;
  for (int i = 0; i < 10; ++i) claims.push_back(transaction.queue(repeat_text, Parameters{}.add(std::int32_t{1 << 20}).add(large)));
  transaction.commit();
  for (const auto claim : claims) {
    const Rows rows = transaction.take(claim);
    EXPECT_EQ(rows[0].get<std::string>(0).size(), large.size());
    EXPECT_EQ(rows[0].get<std::string>(1), large);
  }
}

TEST_F(RoundTripTest, CarriesThousandsOfStatements) {
  Transaction transaction{observer};
  for (std::int64_t i = 0; i < 5000; ++i) transaction.queue(add_one_number, Parameters{}.add(i));
  transaction.commit();
  EXPECT_EQ(number("SELECT count(*) FROM numbers"), 5000);
}

TEST_F(RoundTripTest, RunsAScriptInsideATransaction) {
  {
    Transaction transaction{observer};
    transaction.flush();
    observer.execute_script("CREATE TABLE a (x int); CREATE TABLE b (x int); SELECT 1");
  }
  EXPECT_EQ(number("SELECT count(*) FROM pg_tables WHERE tablename IN ('a', 'b')"), 0);
  EXPECT_THROW(observer.execute_script("SELECT 1; SELECT nonsense"), base::Rejected);
  EXPECT_EQ(number("SELECT 1::bigint"), 1);
}

TEST_F(RoundTripTest, AppliesTheSettings) {
  auto settings = database.settings();
  settings.search_path = "Odd \"schema\\, other";
  settings.application_name = "a test";
  settings.lock_timeout = std::chrono::milliseconds{1234};
  Session session{settings};
  const Rows rows = session.execute({"settings",
                                     "SELECT current_setting('search_path'), current_setting('application_name'), "
                                     "current_setting('lock_timeout'), current_setting('TimeZone'), current_setting('statement_timeout')"});
  EXPECT_EQ(rows[0].get<std::string>(0), "\"Odd \"\"schema\\\",\"other\"");
  EXPECT_EQ(rows[0].get<std::string>(1), "a test");
  EXPECT_EQ(rows[0].get<std::string>(2), "1234ms");
  EXPECT_EQ(rows[0].get<std::string>(3), "UTC");
  EXPECT_EQ(rows[0].get<std::string>(4), "5s");
}

}  // namespace
}  // namespace countersign::postgres
