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

TEST(PackedHeadersTest, ReadsNothingFromBytesThatAreCutShort) {
  const std::string whole = pack_headers({{"a", "xy"}});
  for (std::size_t length = 1; length < whole.size(); ++length) EXPECT_FALSE(unpack_headers(whole.substr(0, length))) << length;
  EXPECT_FALSE(unpack_headers(std::string("\xff\xff\xff\xff", 4)));
}

}  // namespace countersign::pipeline
