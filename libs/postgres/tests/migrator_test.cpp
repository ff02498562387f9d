#include "postgres/migrator.hpp"

#include <thread>

#include "postgres/tests/fixture.hpp"

namespace countersign::postgres {
namespace {

class MigratorTest : public DatabaseTest {
 protected:
  std::vector<Migration> two{{"room", 1, "create-it", "CREATE SCHEMA {{schema}}; CREATE TABLE {{schema}}.t (n int);"},
                             {"room", 2, "fill-it", "INSERT INTO {{schema}}.t VALUES (1);"}};
  Migrator::Substitutions names{{"schema", "mine"}};
};

TEST_F(MigratorTest, AppliesEachOnceInOrder) {
  const auto applied = Migrator::apply(observer, two, names);
  ASSERT_EQ(applied.size(), 2U);
  EXPECT_EQ(applied[0].title(), "room/0001-create-it");
  EXPECT_TRUE(Migrator::apply(observer, two, names).empty());
  EXPECT_EQ(number("SELECT count(*) FROM mine.t"), 1);
  EXPECT_EQ(number("SELECT count(*) FROM core.migration WHERE room = 'room' AND length(digest) = 64"), 2);
}

TEST_F(MigratorTest, ListsWhatIsPendingWithoutDoingIt) {
  EXPECT_EQ(Migrator::pending(observer, two).size(), 2U);
  Migrator::apply(observer, {two[0]}, names);
  const auto pending = Migrator::pending(observer, two);
  ASSERT_EQ(pending.size(), 1U);
  EXPECT_EQ(pending[0].number, 2);
}

TEST_F(MigratorTest, KeepsWhatWentBeforeAFailure) {
  auto three = two;
  three.push_back({"room", 3, "break-it", "INSERT INTO mine.t VALUES (2); SELECT nonsense;"});
  const std::string told = told_by<base::Rejected>([&] { Migrator::apply(observer, three, names); });
  EXPECT_NE(told.find("room/0003-break-it"), std::string::npos) << told;
  EXPECT_EQ(number("SELECT count(*) FROM mine.t"), 1);
  EXPECT_EQ(number("SELECT count(*) FROM core.migration"), 2);
}

TEST_F(MigratorTest, RefusesAChangedMigration) {
  Migrator::apply(observer, two, names);
  two[0].sql += " ";
  EXPECT_NE(told_by<base::Misconfigured>([&] { Migrator::apply(observer, two, names); }).find("was changed"), std::string::npos);
  EXPECT_THROW(Migrator::pending(observer, two), base::Misconfigured);
}

TEST_F(MigratorTest, RefusesADatabaseNewerThanItself) {
  Migrator::apply(observer, two, names);
  EXPECT_NE(told_by<base::Misconfigured>([&] { Migrator::apply(observer, {two[0]}, names); }).find("newer release"), std::string::npos);
}

TEST_F(MigratorTest, RefusesALowerNumberThanWasApplied) {
  Migrator::apply(observer, {two[0], {"room", 3, "come-later", "SELECT 1"}}, names);
  EXPECT_NE(told_by<base::Misconfigured>([&] {
              Migrator::apply(observer, {two[0], two[1], {"room", 3, "come-later", "SELECT 1"}}, names);
            }).find("room/0003-come-later"),
            std::string::npos);
}

TEST_F(MigratorTest, RefusesNumbersOutOfOrderAndUnknownPlaceholders) {
  EXPECT_THROW(Migrator::apply(observer, {two[1], two[0]}, names), base::Misconfigured);
  EXPECT_NE(told_by<base::Misconfigured>([&] { Migrator::apply(observer, two); }).find("{{schema}}"), std::string::npos);
}

TEST_F(MigratorTest, DoesTheWorkOnceWhenTwoRun) {
  std::vector<Migration> slow{{"room", 1, "create-it", "CREATE SCHEMA mine; CREATE TABLE mine.t (n int); SELECT pg_sleep(0.3);"},
                              {"room", 2, "fill-it", "INSERT INTO mine.t VALUES (1);"}};
  std::atomic<std::size_t> applied{0};
  const auto migrate = [&] {
    auto settings = database.settings();
    settings.lock_timeout = std::chrono::milliseconds{10};  // waiting for each other is not waiting for a table
    Session session{settings};
    applied += Migrator::apply(session, slow).size();
  };
  std::thread first(migrate), second(migrate), third(migrate);
  first.join();
  second.join();
  third.join();
  EXPECT_EQ(applied, 2U);
  EXPECT_EQ(number("SELECT count(*) FROM mine.t"), 1);
}

TEST_F(MigratorTest, LeavesNoLockBehind) {
  Migrator::apply(observer, two, names);
  EXPECT_EQ(number("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"), 0);
}

}  // namespace
}  // namespace countersign::postgres
