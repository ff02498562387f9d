#include "messaging/partitioner.hpp"

#include <gtest/gtest.h>

namespace countersign::messaging {

// The values of UtilsTest.testMurmur2 in Kafka's own sources.
TEST(PartitionerTest, HashesAsTheJavaClientDoes) {
  EXPECT_EQ(static_cast<std::int32_t>(murmur2("21")), -973932308);
  EXPECT_EQ(static_cast<std::int32_t>(murmur2("foobar")), -790332482);
  EXPECT_EQ(static_cast<std::int32_t>(murmur2("a-little-bit-long-string")), -985981536);
  EXPECT_EQ(static_cast<std::int32_t>(murmur2("a-little-bit-longer-string")), -1486304829);
  EXPECT_EQ(static_cast<std::int32_t>(murmur2("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8")), -58897971);
  EXPECT_EQ(static_cast<std::int32_t>(murmur2("abc")), 479470107);
}

TEST(PartitionerTest, StaysWithinThePartitions) {
  for (int i = 0; i < 1000; ++i) {
    const auto partition = partition_of(std::to_string(i), 7);
    EXPECT_GE(partition, 0);
    EXPECT_LT(partition, 7);
  }
}

}  // namespace countersign::messaging
