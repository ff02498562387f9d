#include "pipeline/packed_headers.hpp"

#include <gtest/gtest.h>

namespace countersign::pipeline {

TEST(PackedHeadersTest, KeepsNamesValuesOrderAndCopiesByteForByte) {
  const base::Headers headers{{"a", "xy"}, {"", ""}, {"a", std::string("\0\xff", 2)}, {"ü", "1"}};
  EXPECT_EQ(unpack_headers(pack_headers(headers)), headers);
}

TEST(PackedHeadersTest, WritesTheFormatItsHeaderDescribes) {
  EXPECT_EQ(pack_headers({{"a", "xy"}}), std::string("\0\0\0\1a\0\0\0\2xy", 11));
}

}  // namespace countersign::pipeline
