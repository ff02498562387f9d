#include "runtime/retrying_loop.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "base/errors.hpp"

namespace countersign::runtime {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

class RetryingLoopTest : public ::testing::Test {
 protected:
  // Plays one behaviour per round; stops after the last.
  std::string run(const std::vector<std::function<bool()>>& rounds) {
    ::testing::internal::CaptureStdout();
    std::stop_source stop;
    std::size_t at = 0;
    bell.ring();
    run_retrying("tickets", clock, {log, metrics}, stop.get_token(),
                 [&] {
                   const auto& round = rounds[at++];
                   if (at == rounds.size()) stop.request_stop();
                   return round();
                 },
                 bell, {.pause = 1ms});
    return ::testing::internal::GetCapturedStdout();
  }
  static std::size_t count(const std::string& text, const std::string& word) {
    std::size_t found = 0;
    for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++found;
    return found;
  }

  telemetry::Log log{"test", "test-0"};
  telemetry::Metrics metrics;
  base::ManualClock clock;
  base::Bell bell;
  const std::function<bool()> works = [] { return true; };
  const std::function<bool()> idles = [] { return false; };
  const std::function<bool()> is_down = []() -> bool { throw base::Unavailable("no database"); };
  const std::function<bool()> conflicts = []() -> bool { throw base::Conflict("deadlock"); };
  const std::function<bool()> is_rejected = []() -> bool { throw base::Rejected("23514", "a check failed"); };
};

TEST_F(RetryingLoopTest, LogsAnOutageOnceAndItsEndOnce) {
  const auto begun = clock.steady();
  const auto lines = run({works, is_down, is_down, is_down, works, idles, is_down, works});
  EXPECT_EQ(count(lines, "loop_unavailable"), 2U);
  EXPECT_EQ(count(lines, "loop_recovered"), 2U);
  EXPECT_GE(clock.steady(), begun);
  EXPECT_THAT(metrics.expose(), HasSubstr(R"(countersign_loop_failures_total{kind="unavailable",loop="tickets"} 4)"));
}

TEST_F(RetryingLoopTest, TriesAConflictAgainAtOnceButNotForEver) {
  const auto begun = clock.steady();
  EXPECT_EQ(count(run({conflicts, conflicts, works}), "loop_unavailable"), 0U);
  EXPECT_EQ(clock.steady(), begun) << "nothing was waited for";
  EXPECT_EQ(count(run({conflicts, conflicts, conflicts, conflicts, conflicts, conflicts, works}), "loop_unavailable"), 1U);
}

TEST_F(RetryingLoopTest, LogsEveryRejection) { EXPECT_EQ(count(run({is_rejected, is_rejected, works}), "\"code\":\"23514\""), 2U); }

TEST_F(RetryingLoopTest, LetsEverythingElseThrough) {
  std::stop_source stop;
  EXPECT_THROW(run_retrying(
                   "x", clock, {log, metrics}, stop.get_token(), []() -> bool { throw base::Misconfigured("no grant"); }, bell),
               base::Misconfigured);
}

TEST_F(RetryingLoopTest, ARingEndsThePause) {
  std::stop_source stop;
  int rounds = 0;
  std::jthread loop([&] {
    run_retrying("x", clock, {log, metrics}, stop.get_token(),
                 [&] {
                   if (++rounds == 2) stop.request_stop();
                   return false;
                 },
                 bell, {.pause = 1h});
  });
  bell.ring();
  loop.join();
  EXPECT_EQ(rounds, 2);
}

TEST(BellTest, KeepsARingThatNobodyHeardAndCountsManyAsOne) {
  base::Bell bell;
  std::stop_source stop;
  bell.ring();
  bell.ring();
  EXPECT_TRUE(bell.wait(stop.get_token(), 1h));
  EXPECT_FALSE(bell.wait(stop.get_token(), 1ms));
}

TEST(BellTest, AStopEndsTheWait) {
  base::Bell bell;
  std::jthread waiter([&](const std::stop_token& stop) { EXPECT_FALSE(bell.wait(stop, 1h)); });
  waiter.request_stop();
}

}  // namespace
}  // namespace countersign::runtime
