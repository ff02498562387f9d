#include "domain/retry_budget.hpp"

#include <gtest/gtest.h>

namespace countersign::domain {

namespace {

using namespace std::chrono_literals;

struct RetryBudgetTest : ::testing::Test {
  RetryBudget budget{{.for_each_call = 0.5, .for_each_second = 1.0, .most = 2.0}};
  RetryBudget::Time now{};
};

}  // namespace

TEST_F(RetryBudgetTest, IsUsedUpByRepetitions) {
  EXPECT_TRUE(budget.take(now));
  EXPECT_TRUE(budget.take(now));
  EXPECT_FALSE(budget.take(now));
}

TEST_F(RetryBudgetTest, EarnsAFractionWithEachFirstCall) {
  budget.take(now);
  budget.take(now);
  budget.note_call();
  EXPECT_FALSE(budget.take(now));
  budget.note_call();
  EXPECT_TRUE(budget.take(now));
}

TEST_F(RetryBudgetTest, EarnsWithTime) {
  budget.take(now);
  budget.take(now);
  EXPECT_FALSE(budget.take(now + 900ms));
  EXPECT_TRUE(budget.take(now + 1s));
  EXPECT_FALSE(budget.take(now + 1s));
}

TEST_F(RetryBudgetTest, SavesUpOnlySoMuch) {
  for (int i = 0; i < 100; ++i) budget.note_call();
  EXPECT_TRUE(budget.take(now + 24h));
  EXPECT_TRUE(budget.take(now + 24h));
  EXPECT_FALSE(budget.take(now + 24h));
}

}  // namespace countersign::domain
