#include "pipeline/fill_wait.hpp"

#include <gtest/gtest.h>

namespace countersign::pipeline {

namespace {

FillWait after(double rate) {
  FillWait wait{std::chrono::milliseconds{5}};
  base::SteadyTime now{std::chrono::seconds{100}};
  for (int i = 0; i < 500; ++i) {
    now += std::chrono::milliseconds{10};
    wait.note_batch(static_cast<std::size_t>(rate / 100), now);
  }
  return wait;
}

}  // namespace

TEST(FillWaitTest, DoesNotWaitWhenIdle) { EXPECT_EQ(after(100).current().count(), 0); }

TEST(FillWaitTest, WaitsItsFullLengthWhenBusy) { EXPECT_EQ(after(5000).current(), std::chrono::milliseconds{5}); }

TEST(FillWaitTest, WaitsLongerTheMoreArrives) {
  EXPECT_GT(after(200).current().count(), 0);
  EXPECT_LT(after(200).current(), after(300).current());
}

TEST(FillWaitTest, WaitsAsLongAsATransactionTakes) {
  auto wait = after(5000);
  for (int i = 0; i < 100; ++i) wait.note_commit(std::chrono::milliseconds{12});
  EXPECT_NEAR(static_cast<double>(wait.current().count()), 12'000, 50);
}

TEST(FillWaitTest, DoesNotWaitForEverWhenTransactionsAreSlow) {
  auto wait = after(5000);
  for (int i = 0; i < 100; ++i) wait.note_commit(std::chrono::seconds{2});
  EXPECT_LE(wait.current(), FillWait::longest);
  EXPECT_GT(wait.current(), FillWait::longest * 9 / 10);
}

TEST(FillWaitTest, ASlowTransactionIsNoReasonToWaitWhenIdle) {
  auto wait = after(50);
  wait.note_commit(std::chrono::seconds{2});
  EXPECT_EQ(wait.current().count(), 0);
}

}  // namespace countersign::pipeline
