#include <gtest/gtest.h>

#include <thread>

#include "base/backoff.hpp"
#include "base/bell.hpp"
#include "base/clock.hpp"

namespace countersign::base {

using namespace std::chrono_literals;

TEST(ClockTest, WritesTimesAsRfc3339) {
  EXPECT_EQ(to_rfc3339(WallTime{0us}), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(to_rfc3339(WallTime{1'700'000'000'000'001us}), "2023-11-14T22:13:20.000001Z");
  EXPECT_EQ(to_rfc3339(WallTime{-1us}), "1969-12-31T23:59:59.999999Z");
}

TEST(ClockTest, AManualClockStandsStillUntilSomebodyWaits) {
  ManualClock clock;
  const auto start = clock.steady();
  EXPECT_EQ(clock.steady(), start);
  EXPECT_TRUE(clock.wait({}, 5ms));
  EXPECT_EQ(clock.steady() - start, 5ms);
}

TEST(ClockTest, AWaitEndsWhenAStopIsAskedFor) {
  SystemClock clock;
  std::jthread waiter([&](std::stop_token stop) { EXPECT_FALSE(clock.wait(stop, 1h)); });
  waiter.request_stop();
}

TEST(BackoffTest, StaysWithinADoublingCeiling) {
  Backoff backoff{10ms, 100ms, 7};
  for (int i = 0; i < 40; ++i) EXPECT_LE(backoff.next(), std::min(100ms, 10ms * (1 << std::min(i, 10))));
  EXPECT_EQ(backoff.failures(), 40);
  backoff.reset();
  EXPECT_LE(backoff.next(), 10ms);
}

TEST(BellTest, WakesWhoWaitsAndRemembersARingThatCameFirst) {
  Bell bell;
  bell.ring();
  EXPECT_TRUE(bell.wait({}, 1h));
  std::jthread waiter([&] { EXPECT_TRUE(bell.wait({}, 1h)); });
  bell.ring();
}

}  // namespace countersign::base
