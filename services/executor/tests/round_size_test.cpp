#include "executor/round_size.hpp"

#include <gtest/gtest.h>

namespace countersign::executor {
namespace {

void fail(RoundSize& size) {
  EXPECT_THROW(size.around([]() -> int { throw base::Unavailable("the session has ended"); }), base::Unavailable);
}

TEST(RoundSize, HalvesARoundThatFailedDownToOne) {
  RoundSize size(5);
  fail(size);
  EXPECT_EQ(size.now(), 2u);
  fail(size);
  fail(size);
  EXPECT_EQ(size.now(), 1u);
}

TEST(RoundSize, GrowsBackWithRoundsThatSucceed) {
  RoundSize size(5);
  fail(size);
  fail(size);
  EXPECT_EQ(size.around([] { return 7; }), 7);
  EXPECT_EQ(size.now(), 2u);
  for (int round = 0; round < 3; ++round) size.around([] { return 0; });
  EXPECT_EQ(size.now(), 5u);
}

TEST(RoundSize, StaysAsItIsWhenSomethingElseIsWrong) {
  RoundSize size(4);
  EXPECT_THROW(size.around([]() -> int { throw base::Conflict("a deadlock"); }), base::Conflict);
  EXPECT_EQ(size.now(), 4u);
}

}  // namespace
}  // namespace countersign::executor
