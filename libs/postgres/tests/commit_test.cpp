#include "postgres/tests/fixture.hpp"

namespace countersign::postgres {
namespace {

using namespace std::chrono_literals;
using testing::CuttingProxy;

constexpr Statement add_number{"add_number", "INSERT INTO numbers VALUES ($1::bigint)"};

class CommitTest : public DatabaseTest {
 protected:
  CommitTest() {
    run("CREATE TABLE numbers (n bigint PRIMARY KEY, CONSTRAINT small CHECK (n < 100));"
        "CREATE TABLE late (n bigint REFERENCES numbers DEFERRABLE INITIALLY DEFERRED)");
    auto settings = database.settings();
    settings.conninfo = proxy.through(settings.conninfo);
    settings.client_deadline = 5s;
    session = std::make_unique<Session>(settings);
  }
  static Parameters value(std::int64_t n) { return Parameters{}.add(n); }
  std::int64_t count() { return number("SELECT count(*) FROM numbers"); }

  CuttingProxy proxy{database.server().host(), database.server().port()};
  std::unique_ptr<Session> session;
};

TEST_F(CommitTest, IsInDoubtWhenItsAnswerIsLost) {
  proxy.cut_at("COMMIT", CuttingProxy::Cut::before_answer);
  Transaction transaction{*session};
  transaction.queue(add_number, value(1));
  EXPECT_THROW(transaction.commit(), CommitInDoubt);
  EXPECT_TRUE(session->broken());
  EXPECT_EQ(count(), 1);
  EXPECT_EQ(proxy.cuts(), 1);
}

TEST_F(CommitTest, IsInDoubtWhenItNeverArrived) {
  proxy.cut_at("COMMIT", CuttingProxy::Cut::before_request);
  Transaction transaction{*session};
  transaction.queue(add_number, value(1));
  EXPECT_THROW(transaction.commit(), CommitInDoubt);
  EXPECT_TRUE(session->broken());
  EXPECT_EQ(count(), 0);
}

TEST_F(CommitTest, IsInDoubtWhenTheServerFallsSilent) {
  auto settings = database.settings();
  settings.conninfo = proxy.through(settings.conninfo);
  settings.client_deadline = 200ms;
  Session impatient{settings};
  Transaction transaction{impatient};
  transaction.execute(add_number, value(1));
  proxy.pause();
  EXPECT_THROW(transaction.commit(), CommitInDoubt);
}

TEST_F(CommitTest, IsNotInDoubtWhenTheConnectionWasLostEarlier) {
  Transaction transaction{*session};
  proxy.cut_at("add_number", CuttingProxy::Cut::before_request);
  transaction.queue(add_number, value(1));
  try {
    transaction.flush();
    FAIL();
  } catch (const CommitInDoubt&) {
    FAIL() << "COMMIT was not sent";
  } catch (const base::Unavailable&) {
  }
  EXPECT_THROW(transaction.commit(), base::Rejected);
}

TEST_F(CommitTest, IsNotInDoubtWhenAStatementBeforeItFailed) {
  Transaction transaction{*session};
  transaction.queue(add_number, value(1));
  transaction.queue(add_number, value(100));
  try {
    transaction.commit();
    FAIL();
  } catch (const base::Rejected& error) {
    EXPECT_EQ(error.code(), "23514");
    EXPECT_NE(std::string(error.what()).find("small"), std::string::npos);
  }
  EXPECT_FALSE(session->in_transaction());
  EXPECT_EQ(count(), 0);
}

TEST_F(CommitTest, FailsPlainlyForADeferredConstraint) {
  Transaction transaction{*session};
  transaction.queue({"late", "INSERT INTO late VALUES (5)"});
  try {
    transaction.commit();
    FAIL();
  } catch (const base::Rejected& error) {
    EXPECT_EQ(error.code(), "23503");
  }
  EXPECT_FALSE(session->broken());
}

TEST_F(CommitTest, IsNoSuccessWhenTheServerRollsBackInstead) {
  Transaction transaction{*session};
  transaction.execute(add_number, value(1));
  EXPECT_THROW(session->execute_script("SELECT nonsense"), base::Rejected);  // behind the transaction's back
  try {
    transaction.commit();
    FAIL();
  } catch (const base::Rejected& error) {
    EXPECT_EQ(error.code(), "25P02");
  }
  EXPECT_EQ(count(), 0);
}

TEST_F(CommitTest, EndsTheTransaction) {
  Transaction transaction{*session};
  transaction.execute(add_number, value(1));
  transaction.commit();
  EXPECT_THROW(transaction.queue(add_number, value(2)), base::Rejected);
  EXPECT_THROW(transaction.commit(), base::Rejected);
  EXPECT_EQ(count(), 1);
}

TEST_F(CommitTest, WithoutItEverythingIsRolledBack) {
  {
    Transaction transaction{*session};
    transaction.execute(add_number, value(1));
  }
  EXPECT_FALSE(session->in_transaction());
  EXPECT_EQ(count(), 0);
}

TEST_F(CommitTest, CanBeFollowedByAnotherTransactionAfterAFailedOne) {
  Transaction failed{*session};
  EXPECT_THROW(failed.execute(add_number, value(100)), base::Rejected);
  Transaction next{*session};
  next.execute(add_number, value(1));
  next.commit();
  EXPECT_EQ(count(), 1);
}

}  // namespace
}  // namespace countersign::postgres
