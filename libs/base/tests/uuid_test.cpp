#include "base/uuid.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <thread>

namespace countersign::base {

TEST(UuidTest, ReadsWhatItWrites) {
  ManualClock clock;
  UuidV7Source source{clock, 1};
  const Uuid id = source.next();
  EXPECT_EQ(Uuid::parse(id.str()), id);
  EXPECT_EQ(id.str().size(), 36U);
}

TEST(UuidTest, RefusesWhatIsNoUuid) {
  for (const auto* text : {"", "0190", "01900000-0000-7000-8000-00000000000g", "01900000000070008000000000000000",
                           "01900000-0000-7000-8000-0000000000000", "01900000x0000-7000-8000-000000000000"})
    EXPECT_FALSE(Uuid::parse(text)) << text;
}

TEST(UuidTest, CarriesItsMillisecondVersionAndVariant) {
  ManualClock clock{WallTime{std::chrono::milliseconds{0x0123456789ab}}};
  UuidV7Source source{clock, 1};
  const std::string text = source.next().str();
  EXPECT_EQ(text.substr(0, 13), "01234567-89ab");
  EXPECT_EQ(text[14], '7');
  EXPECT_NE(std::string("89ab").find(text[19]), std::string::npos);
}

TEST(UuidTest, GrowsWithinAMillisecondAndWhenTheClockGoesBack) {
  ManualClock clock;
  UuidV7Source source{clock, 1};
  Uuid last = source.next();
  for (int i = 0; i < 100'000; ++i) {
    if (i == 50'000) clock.advance(std::chrono::seconds{-60});
    const Uuid next = source.next();
    ASSERT_LT(last, next);
    last = next;
  }
}

TEST(UuidTest, IsNeverGivenTwiceToThreads) {
  SystemClock clock;
  UuidV7Source source{clock};
  std::vector<std::vector<Uuid>> made(4);
  {
    std::vector<std::jthread> threads;
    for (auto& mine : made)
      threads.emplace_back([&] {
        for (int i = 0; i < 5000; ++i) mine.push_back(source.next());
      });
  }
  std::set<Uuid> all;
  for (const auto& mine : made) all.insert(mine.begin(), mine.end());
  EXPECT_EQ(all.size(), 20'000U);
}

}  // namespace countersign::base
