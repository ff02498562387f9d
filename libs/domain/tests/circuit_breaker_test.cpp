#include "domain/circuit_breaker.hpp"

#include <gtest/gtest.h>

namespace countersign::domain {

namespace {

using namespace std::chrono_literals;

struct CircuitBreakerTest : ::testing::Test {
  CircuitBreaker breaker{{.failures = 3, .first_open = 1s, .most_open = 3s}};
  CircuitBreaker::Time now{};

  void fail(int times) {
    for (int i = 0; i < times; ++i) breaker.note_failure(now);
  }
};

}  // namespace

TEST_F(CircuitBreakerTest, OpensAfterFailuresInARow) {
  fail(2);
  EXPECT_FALSE(breaker.refuse(now));
  fail(1);
  EXPECT_EQ(breaker.refuse(now), 1000ms);
  EXPECT_EQ(breaker.refuse(now + 999ms), 1ms);
}

TEST_F(CircuitBreakerTest, AnAnswerForgivesTheFailuresBeforeIt) {
  fail(2);
  breaker.note_answer();
  fail(2);
  EXPECT_FALSE(breaker.refuse(now));
}

TEST_F(CircuitBreakerTest, LetsOneProbeThroughAndClosesWhenItIsAnswered) {
  fail(3);
  now += 1s;
  EXPECT_FALSE(breaker.refuse(now));
  EXPECT_TRUE(breaker.refuse(now));
  breaker.note_answer();
  EXPECT_FALSE(breaker.refuse(now));
  EXPECT_FALSE(breaker.open());
}

TEST_F(CircuitBreakerTest, StaysOpenLongerAfterEachFailedProbeUpToALimit) {
  fail(3);
  for (const auto span : {2000ms, 3000ms, 3000ms}) {
    now += 3s;
    ASSERT_FALSE(breaker.refuse(now));
    fail(1);
    EXPECT_EQ(breaker.refuse(now), span);
  }
  now += 3s;
  ASSERT_FALSE(breaker.refuse(now));
  breaker.note_answer();
  fail(3);
  EXPECT_EQ(breaker.refuse(now), 1000ms);
}

TEST_F(CircuitBreakerTest, CallsThatWereUnderWayDoNotProlongIt) {
  fail(20);
  EXPECT_EQ(breaker.refuse(now), 1000ms);
}

TEST_F(CircuitBreakerTest, DoesNotWaitForEverForAProbe) {
  fail(3);
  now += 1s;
  ASSERT_FALSE(breaker.refuse(now));
  EXPECT_EQ(breaker.refuse(now), 1000ms);
  EXPECT_FALSE(breaker.refuse(now + 1s));
}

}  // namespace countersign::domain
