#include "postgres/pool.hpp"

#include <thread>

#include "postgres/tests/fixture.hpp"

namespace countersign::postgres {
namespace {

using namespace std::chrono_literals;
using testing::CuttingProxy;

constexpr Statement one{"one", "SELECT 1::bigint"};

class PoolTest : public DatabaseTest {
 protected:
  void terminate(int pid) {
    observer.execute({"terminate", "SELECT pg_terminate_backend($1::integer, 5000)"}, Parameters{}.add(std::int32_t{pid}));
  }
};

TEST_F(PoolTest, LendsTheSameSessionAgain) {
  Pool pool{database.settings(), 2};
  const int first = pool.borrow()->backend_pid();
  EXPECT_EQ(pool.borrow()->backend_pid(), first);
}

TEST_F(PoolTest, LendsNoMoreThanItsBound) {
  Pool pool{database.settings(), 2, 20ms};
  auto a = pool.borrow();
  {
    auto b = pool.borrow();
    EXPECT_THROW(pool.borrow(), base::Unavailable);
  }
  EXPECT_NO_THROW(pool.borrow());
  EXPECT_EQ(pool.in_use(), 1U);
}

TEST_F(PoolTest, WaitsForASessionToComeBack) {
  Pool pool{database.settings(), 1, 30s};
  auto lease = std::make_unique<Pool::Lease>(pool.borrow());
  std::thread other([&] { EXPECT_EQ(pool.borrow()->execute(one)[0].get<std::int64_t>(0), 1); });
  lease.reset();
  other.join();
}

TEST_F(PoolTest, ForgetsASessionThatBrokeInUse) {
  Pool pool{database.settings(), 1};
  int killed = 0;
  {
    auto lease = pool.borrow();
    killed = lease->backend_pid();
    terminate(killed);
    EXPECT_THROW(lease->execute(one), base::Unavailable);
  }
  EXPECT_NE(pool.borrow()->backend_pid(), killed);
}

TEST_F(PoolTest, ForgetsASessionThatBrokeWhileIdle) {
  Pool pool{database.settings(), 1};
  const int killed = pool.borrow()->backend_pid();
  terminate(killed);
  auto lease = pool.borrow();
  EXPECT_NE(lease->backend_pid(), killed);
  EXPECT_EQ(lease->execute(one)[0].get<std::int64_t>(0), 1);
}

TEST_F(PoolTest, ForgetsASessionLeftInATransaction) {
  Pool pool{database.settings(), 1};
  int left = 0;
  {
    auto lease = pool.borrow();
    left = lease->backend_pid();
    lease->execute_script("BEGIN");
  }
  EXPECT_NE(pool.borrow()->backend_pid(), left);
}

TEST_F(PoolTest, KeepsItsBoundWhenConnectingFails) {
  CuttingProxy proxy{database.server().host(), database.server().port()};
  proxy.refuse(true);
  auto settings = database.settings();
  settings.conninfo = proxy.through(settings.conninfo);
  Pool pool{settings, 1, 20ms};
  EXPECT_THROW(pool.borrow(), base::Unavailable);
  proxy.refuse(false);
  EXPECT_EQ(pool.borrow()->execute(one)[0].get<std::int64_t>(0), 1);
}

TEST_F(PoolTest, ServesManyThreads) {
  Pool pool{database.settings(), 3, 30s};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 25; ++i) EXPECT_EQ(pool.borrow()->execute(one)[0].get<std::int64_t>(0), 1);
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(pool.in_use(), 0U);
}

}  // namespace
}  // namespace countersign::postgres
