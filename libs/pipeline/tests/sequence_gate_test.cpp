#include "pipeline/sequence_gate.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

namespace countersign::pipeline {

namespace {

std::vector<std::int64_t> applied(const GateVerdict& verdict) {
  std::vector<std::int64_t> sequences;
  for (const auto& one : verdict.apply) sequences.push_back(one.sequence);
  return sequences;
}

using Sequences = std::vector<std::int64_t>;

}  // namespace

TEST(SequenceGateTest, AppliesWhatFollowsAndParksWhatDoesNot) {
  const auto verdict = judge_sequences({3, {3, 5, 4, 8}, {6}, true});
  EXPECT_EQ(applied(verdict), (Sequences{4, 5, 6}));
  EXPECT_EQ(verdict.park, (std::vector<std::size_t>{3}));
  EXPECT_EQ(verdict.unpark, (Sequences{6}));
  EXPECT_EQ(verdict.last, 6);
  EXPECT_EQ(verdict.dropped, 1U);
}

TEST(SequenceGateTest, DropsASecondCopyOfWhatIsParked) {
  const auto verdict = judge_sequences({0, {3, 3}, {3}, true});
  EXPECT_TRUE(verdict.apply.empty());
  EXPECT_TRUE(verdict.park.empty());
  EXPECT_EQ(verdict.dropped, 2U);
}

TEST(SequenceGateTest, LeavesParkedSuccessorsAloneWhenNotDraining) {
  const auto verdict = judge_sequences({0, {1}, {2, 3}, false});
  EXPECT_EQ(applied(verdict), (Sequences{1}));
  EXPECT_TRUE(verdict.unpark.empty());
}

TEST(SequenceGateTest, ForgetsParkedCopiesOfWhatWasApplied) {
  const auto verdict = judge_sequences({5, {}, {4}, true});
  EXPECT_TRUE(verdict.apply.empty());
  EXPECT_EQ(verdict.unpark, (Sequences{4}));
}

// Whatever the order, the copies and the cuts into batches, every message is applied once and in order.
TEST(SequenceGateTest, AppliesEverySequenceOnceInOrderHoweverTheyArrive) {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    std::mt19937 random(seed);
    Sequences sent;
    for (std::int64_t i = 1; i <= 30; ++i)
      for (unsigned copies = 1 + random() % 2; copies > 0; --copies) sent.push_back(i);
    std::shuffle(sent.begin(), sent.end(), random);
    GateInput state;
    Sequences done;
    for (std::size_t at = 0; at < sent.size();) {
      const std::size_t take = std::min<std::size_t>(1 + random() % 6, sent.size() - at);
      state.arriving.assign(sent.begin() + static_cast<std::ptrdiff_t>(at), sent.begin() + static_cast<std::ptrdiff_t>(at + take));
      at += take;
      const auto verdict = judge_sequences(state);
      for (const auto sequence : applied(verdict)) done.push_back(sequence);
      for (const auto index : verdict.park) state.parked.insert(state.arriving[index]);
      for (const auto sequence : verdict.unpark) state.parked.erase(sequence);
      state.last = verdict.last;
    }
    Sequences expected(30);
    std::iota(expected.begin(), expected.end(), 1);
    ASSERT_EQ(done, expected) << "seed " << seed;
    ASSERT_TRUE(state.parked.empty()) << "seed " << seed;
  }
}

}  // namespace countersign::pipeline
