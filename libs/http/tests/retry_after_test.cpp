#include "http/retry_after.hpp"

#include <gtest/gtest.h>

namespace countersign::http {
namespace {

using namespace std::chrono_literals;

// Sun, 06 Nov 1994 08:49:37 GMT, the example of RFC 9110.
constexpr base::WallTime now{std::chrono::seconds{784'111'777}};

std::optional<std::chrono::seconds> parse(std::string_view text) { return parse_retry_after(text, now, 1s, 3600s); }

TEST(RetryAfterTest, ReadsSeconds) {
  EXPECT_EQ(parse("120"), 120s);
  EXPECT_EQ(parse("  7\t"), 7s);
}

TEST(RetryAfterTest, ReadsTheThreeFormsOfADate) {
  EXPECT_EQ(parse("Sun, 06 Nov 1994 08:50:37 GMT"), 60s);
  EXPECT_EQ(parse("Sunday, 06-Nov-94 08:50:37 GMT"), 60s);
  EXPECT_EQ(parse("Sun Nov  6 08:50:37 1994"), 60s);
}

TEST(RetryAfterTest, StaysWithinBounds) {
  EXPECT_EQ(parse("0"), 1s);
  EXPECT_EQ(parse("99999999999999999999999999"), 3600s);
  EXPECT_EQ(parse("Sun, 06 Nov 1994 08:00:00 GMT"), 1s);
  EXPECT_EQ(parse("Fri, 31 Dec 2099 23:59:59 GMT"), 3600s);
}

TEST(RetryAfterTest, RefusesEverythingElse) {
  for (const char* text : {"", " ", "-1", "1.5", "1e9", "soon", "Sun", "12 12", "20 Nov 1994", "Sun, 99 Nov 1994 08:49:37 GMT"}) {
    EXPECT_EQ(parse(text), std::nullopt) << text;
  }
  EXPECT_EQ(parse(std::string(10'000, '9')), std::nullopt);
}

}  // namespace
}  // namespace countersign::http
