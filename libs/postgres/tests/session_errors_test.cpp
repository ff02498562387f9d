#include <thread>

#include "postgres/tests/fixture.hpp"

namespace countersign::postgres {
namespace {

using namespace std::chrono_literals;
using testing::CuttingProxy;

constexpr Statement lock_row{"lock_row", "SELECT FROM rows WHERE id = $1::bigint FOR UPDATE"};
constexpr Statement select_one{"one", "SELECT 1::bigint"};

class SessionErrorsTest : public DatabaseTest {
 protected:
  SessionErrorsTest() { run("CREATE TABLE rows (id bigint PRIMARY KEY); INSERT INTO rows VALUES (1), (2)"); }
  static Parameters row(std::int64_t id) { return Parameters{}.add(id); }
  void terminate(const Session& session) {
    observer.execute({"terminate", "SELECT pg_terminate_backend($1::integer, 5000)"},
                     Parameters{}.add(std::int32_t{session.backend_pid()}));
  }
};

TEST_F(SessionErrorsTest, ADeadlockIsAConflict) {
  run("SELECT 1");
  Session first{database.settings()}, second{database.settings()};
  Transaction a{first}, b{second};
  a.execute(lock_row, row(1));
  b.execute(lock_row, row(2));
  int conflicts = 0;
  std::thread other([&] {
    try {
      a.execute(lock_row, row(2));
    } catch (const base::Conflict&) {
      ++conflicts;
    }
  });
  bool here = false;
  try {
    b.execute(lock_row, row(1));
  } catch (const base::Conflict& error) {
    here = true;
  }
  b.rollback();
  other.join();
  EXPECT_EQ(conflicts + (here ? 1 : 0), 1);
  EXPECT_FALSE(first.broken() || second.broken());
}

TEST_F(SessionErrorsTest, ALockTimeoutIsAConflict) {
  Transaction holder{observer};
  holder.execute(lock_row, row(1));
  auto settings = database.settings();
  settings.lock_timeout = 50ms;
  Session session{settings};
  Transaction transaction{session};
  EXPECT_NE(told_by<base::Conflict>([&] { transaction.execute(lock_row, row(1)); }).find("55P03"), std::string::npos);
  EXPECT_TRUE(transaction.over());
  EXPECT_FALSE(session.in_transaction());
}

TEST_F(SessionErrorsTest, AStatementTimeoutIsUnavailable) {
  auto settings = database.settings();
  settings.statement_timeout = 50ms;
  Session session{settings};
  EXPECT_NE(told_by<base::Unavailable>([&] { session.execute({"nap", "SELECT pg_sleep(60)::text"}); }).find("57014"), std::string::npos);
  EXPECT_EQ(session.execute(select_one)[0].get<std::int64_t>(0), 1);
}

TEST_F(SessionErrorsTest, AMissingTableIsRejectedWithItsCode) {
  try {
    observer.execute({"find_nothing", "SELECT * FROM nothing"});
    FAIL();
  } catch (const base::Rejected& error) {
    EXPECT_EQ(error.code(), "42P01");
    EXPECT_NE(std::string(error.what()).find("find_nothing"), std::string::npos);
  }
}

TEST_F(SessionErrorsTest, AKilledSessionStaysBroken) {
  Session session{database.settings()};
  session.execute(select_one);
  terminate(session);
  EXPECT_THROW(session.execute(select_one), base::Unavailable);
  EXPECT_TRUE(session.broken());
  EXPECT_THROW(session.execute(select_one), base::Unavailable);
  EXPECT_THROW(session.execute_script("SELECT 1"), base::Unavailable);
  EXPECT_THROW(Transaction{session}.execute(select_one), base::Unavailable);
  EXPECT_EQ(session.backend_pid(), 0);
}

TEST_F(SessionErrorsTest, ASessionKilledInATransactionLosesIt) {
  Session session{database.settings()};
  Transaction transaction{session};
  transaction.execute({"delete", "DELETE FROM rows"});
  terminate(session);
  EXPECT_THROW(transaction.execute(select_one), base::Unavailable);
  EXPECT_TRUE(transaction.over());
  EXPECT_EQ(number("SELECT count(*) FROM rows"), 2);
}

TEST_F(SessionErrorsTest, ATransactionThatStandsStillIsEnded) {
  auto settings = database.settings();
  settings.idle_in_transaction_timeout = 20ms;
  Session session{settings};
  Transaction transaction{session};
  transaction.execute(select_one);
  const Statement alive{"alive", "SELECT count(*) FROM pg_stat_activity WHERE pid = $1::integer"};
  const auto pid = Parameters{}.add(std::int32_t{session.backend_pid()});
  while (observer.execute(alive, pid)[0].get<std::int64_t>(0) != 0) std::this_thread::yield();
  EXPECT_THROW(transaction.execute(select_one), base::Unavailable);
  EXPECT_TRUE(session.broken());
}

TEST_F(SessionErrorsTest, AServerThatFallsSilentIsGivenUp) {
  CuttingProxy proxy{database.server().host(), database.server().port()};
  auto settings = database.settings();
  settings.conninfo = proxy.through(settings.conninfo);
  settings.client_deadline = 200ms;
  Session session{settings};
  session.execute(select_one);
  proxy.pause();
  EXPECT_NE(told_by<base::Unavailable>([&] { session.execute(select_one); }).find("200 ms"), std::string::npos);
  EXPECT_TRUE(session.broken());
}

TEST_F(SessionErrorsTest, AServerThatFallsSilentInALargeWriteIsGivenUp) {
  CuttingProxy proxy{database.server().host(), database.server().port()};
  auto settings = database.settings();
  settings.conninfo = proxy.through(settings.conninfo);
  settings.client_deadline = 300ms;
  Session session{settings};
  proxy.pause();
  const std::string large(32 << 20, 'x');
  EXPECT_THROW(session.execute({"length", "SELECT length($1::text)"}, Parameters{}.add(large)), base::Unavailable);
  EXPECT_TRUE(session.broken());
}

TEST_F(SessionErrorsTest, AWrongPasswordOrDatabaseIsMisconfigured) {
  auto settings = database.settings();
  settings.conninfo = with_option(settings.conninfo, "password", "wrong");
  EXPECT_NE(told_by<base::Misconfigured>([&] { Session{settings}; }).find("28P01"), std::string::npos);
  settings = database.settings();
  settings.conninfo = with_option(settings.conninfo, "dbname", "not_there");
  EXPECT_NE(told_by<base::Misconfigured>([&] { Session{settings}; }).find("3D000"), std::string::npos);
}

TEST_F(SessionErrorsTest, AnAbsentServerIsUnavailable) {
  CuttingProxy proxy{database.server().host(), database.server().port()};
  proxy.refuse(true);
  auto settings = database.settings();
  settings.conninfo = proxy.through(settings.conninfo);
  EXPECT_THROW(Session{settings}, base::Unavailable);
}

}  // namespace
}  // namespace countersign::postgres
