#include <gtest/gtest.h>

#include "postgres/encoding.hpp"
#include "postgres/parameters.hpp"

namespace countersign::postgres {
namespace {

using namespace std::chrono_literals;

std::string hex(const Parameters& parameters, std::size_t index = 0) {
  static constexpr char digits[] = "0123456789abcdef";
  const char* bytes = parameters.pointers()[index];
  std::string text;
  for (int i = 0; i < parameters.lengths()[index]; ++i) {
    text += digits[static_cast<unsigned char>(bytes[i]) >> 4];
    text += digits[static_cast<unsigned char>(bytes[i]) & 15];
  }
  return text;
}

TEST(EncodingTest, WritesIntegersBigEndian) {
  EXPECT_EQ(hex(Parameters{}.add(std::int64_t{-2})), "fffffffffffffffe");
  EXPECT_EQ(hex(Parameters{}.add(std::int32_t{258})), "00000102");
}

TEST(EncodingTest, CountsTimeFromTheYear2000) {
  const base::WallTime moment{946'684'801s};
  EXPECT_EQ(hex(Parameters{}.add(moment)), "00000000000f4240");
}

TEST(EncodingTest, TellsTheTypeOfEveryParameter) {
  Parameters parameters;
  parameters.add(true).add(std::int32_t{1}).add(std::int64_t{1}).add("a").add(base::Uuid{}).add(base::WallTime{}).add(Bytes{});
  parameters.add(1us).add(1.5).add(std::optional<base::Uuid>{}).add(std::vector<std::string>{}).add(std::vector<Bytes>{});
  const std::vector<unsigned> expected{16, 23, 20, 25, 2950, 1184, 17, 1186, 701, 2950, 1009, 1001};
  EXPECT_EQ(parameters.oids(), expected);
}

TEST(EncodingTest, TellsNullFromEmpty) {
  const auto parameters = Parameters{}.add("").add(std::optional<std::string>{});
  EXPECT_NE(parameters.pointers()[0], nullptr);
  EXPECT_EQ(parameters.pointers()[1], nullptr);
}

TEST(EncodingTest, WritesAnArrayWithItsNulls) {
  const std::vector<std::optional<std::int32_t>> values{1, std::nullopt};
  EXPECT_EQ(hex(Parameters{}.add(values)),
            "00000001"
            "00000001"
            "00000017"
            "00000002"
            "00000001"
            "00000004"
            "00000001"
            "ffffffff");
}

TEST(EncodingTest, WritesAnEmptyArrayWithoutDimensions) {
  EXPECT_EQ(hex(Parameters{}.add(std::vector<std::int64_t>{})), "000000000000000000000014");
}

TEST(EncodingTest, ReadsNoArrayFromTruncatedBytes) {
  arrays::Writer writer(25, 2);
  writer.add(std::string("abc"));
  writer.add_null();
  const std::string whole = writer.take();
  ASSERT_TRUE(arrays::decode(whole));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_FALSE(arrays::decode(std::string_view(whole).substr(0, length))) << length;
  }
}

TEST(EncodingTest, RefusesAnArrayOfTwoDimensions) {
  arrays::Writer writer(25, 1);
  writer.add(std::string("abc"));
  std::string bytes = writer.take();
  bytes[3] = 2;
  EXPECT_FALSE(arrays::decode(bytes));
}

TEST(EncodingTest, RefusesBytesOfTheWrongLength) {
  EXPECT_FALSE(Encoding<std::int64_t>::decode(20, "abc"));
  EXPECT_FALSE(Encoding<base::Uuid>::decode(2950, "abc"));
  EXPECT_FALSE(Encoding<base::WallTime>::decode(1184, ""));
  EXPECT_FALSE(Encoding<bool>::decode(16, ""));
}

TEST(EncodingTest, CountsItsBytes) {
  EXPECT_EQ(Parameters{}.add("four").add(std::int64_t{1}).add(std::optional<bool>{}).total_bytes(), 12U);
}

}  // namespace
}  // namespace countersign::postgres
