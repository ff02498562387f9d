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

TEST(FillWaitTest, WaitsTheLongestWhenBusy) { EXPECT_EQ(after(5000).current(), std::chrono::milliseconds{5}); }

TEST(FillWaitTest, WaitsLongerTheMoreArrives) {
  EXPECT_GT(after(600).current().count(), 0);
  EXPECT_LT(after(600).current(), after(900).current());
}

}  // namespace countersign::pipeline
