#include "cli/latency_histogram.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace countersign::cli {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

TEST(LatencyHistogramTest, IsEmptyAtFirst) {
  const LatencyHistogram seen;
  EXPECT_EQ(seen.count(), 0U);
  EXPECT_EQ(seen.percentile(50).count(), 0);
  EXPECT_EQ(seen.longest_seen().count(), 0);
  EXPECT_TRUE(seen.buckets().empty());
}

TEST(LatencyHistogramTest, KnowsSmallLatenciesExactly) {
  LatencyHistogram seen;
  for (int i = 1; i <= 100; ++i) seen.record(microseconds{i});
  EXPECT_EQ(seen.percentile(50).count(), 50);
  EXPECT_EQ(seen.percentile(99).count(), 99);
  EXPECT_EQ(seen.percentile(100).count(), 100);
  EXPECT_EQ(seen.percentile(0).count(), 1);
}

TEST(LatencyHistogramTest, RoundsUpToWholeMicroseconds) {
  LatencyHistogram seen;
  seen.record(nanoseconds{1'001});
  EXPECT_EQ(seen.percentile(50).count(), 2);
}

TEST(LatencyHistogramTest, IsNeverBelowAndAtMostOnePerCentAboveTheTruth) {
  std::mt19937_64 dice{7};
  std::lognormal_distribution<double> drawn{10, 3};  // in microseconds: from below one to hours
  LatencyHistogram seen;
  std::vector<std::int64_t> truth;
  for (int i = 0; i < 200'000; ++i) {
    truth.push_back(static_cast<std::int64_t>(std::ceil(drawn(dice))));
    seen.record(microseconds{truth.back()});
  }
  std::sort(truth.begin(), truth.end());
  for (const double percent : {0.1, 1.0, 10.0, 50.0, 90.0, 99.0, 99.9, 99.99, 100.0}) {
    const auto rank = static_cast<std::size_t>(std::ceil(percent / 100 * static_cast<double>(truth.size())));
    const auto exact = truth[rank - 1], found = seen.percentile(percent).count();
    EXPECT_GE(found, exact) << percent;
    EXPECT_LE(static_cast<double>(found), std::max(static_cast<double>(exact) * 1.01, static_cast<double>(exact) + 1)) << percent;
  }
}

TEST(LatencyHistogramTest, IsWithinBoundsAtEveryEdge) {
  for (std::int64_t power = 1; power < (std::int64_t{1} << 37); power *= 2) {
    for (const std::int64_t near : {power - 1, power, power + 1}) {
      LatencyHistogram seen;
      seen.record(microseconds{near});
      seen.record(LatencyHistogram::longest());  // so that the bucket is not cut off at the longest seen
      const auto found = seen.percentile(50).count();
      EXPECT_GE(found, near);
      EXPECT_LE(static_cast<double>(found), static_cast<double>(near) * 1.01 + 1) << near;
    }
  }
}

TEST(LatencyHistogramTest, TakesWhatCannotBe) {
  LatencyHistogram seen;
  seen.record(milliseconds{-5});
  seen.record(std::chrono::hours{1000});
  EXPECT_EQ(seen.percentile(50).count(), 0);
  EXPECT_EQ(seen.longest_seen(), LatencyHistogram::longest());
}

TEST(LatencyHistogramTest, GivesItsBucketsInOrder) {
  LatencyHistogram seen;
  seen.record(microseconds{3});
  seen.record(microseconds{1000});
  seen.record(microseconds{1001});
  const auto buckets = seen.buckets();
  ASSERT_EQ(buckets.size(), 2U);
  EXPECT_EQ(buckets[0].up_to.count(), 3);
  EXPECT_EQ(buckets[1].up_to.count(), 1003) << "between 512 and 1023 parts are of four";
  EXPECT_EQ(buckets[1].count, 2U);
}

}  // namespace
}  // namespace countersign::cli
