#include "telemetry/log_line.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <random>
#include <thread>

namespace countersign::telemetry {
namespace {

using nlohmann::json;

constexpr base::WallTime noon{std::chrono::seconds{1'714'564'800}};

std::string line(std::initializer_list<Field> fields, std::string_view event = "ticket_opened") {
  return render_line(noon, Level::info, "planner", "planner-0", event, {fields.begin(), fields.size()});
}

TEST(LogLineTest, StartsWithTheFixedFieldsInOrder) {
  EXPECT_EQ(line({{"tickets", 3}}), R"({"time":"2024-05-01T12:00:00.000000Z","level":"info","service":"planner","instance":"planner-0",)"
                                    R"("event":"ticket_opened","tickets":3})");
}

TEST(LogLineTest, KeepsTheTypeOfEveryValue) {
  const auto parsed = json::parse(line({{"text", "a"}, {"number", 7U}, {"share", 0.5}, {"yes", true}}));
  EXPECT_EQ(parsed["text"], "a");
  EXPECT_EQ(parsed["number"], 7);
  EXPECT_EQ(parsed["share"], 0.5);
  EXPECT_EQ(parsed["yes"], true);
}

TEST(LogLineTest, AFieldCannotForgeAFixedOne) {
  const auto parsed = json::parse(line({{"service", "approval"}, {"level", "error"}, {"event", "x"}}));
  EXPECT_EQ(parsed["service"], "planner");
  EXPECT_EQ(parsed["level"], "info");
  EXPECT_EQ(parsed["event"], "ticket_opened");
}

TEST(LogLineTest, NothingInAFieldEndsTheLine) {
  const auto text = line({{"error", "a\nb\r\n{\"event\":\"forged\"}\x01"}});
  EXPECT_EQ(text.find_first_of("\n\r\x01"), std::string::npos);
  EXPECT_EQ(json::parse(text)["error"], "a\nb\r\n{\"event\":\"forged\"}\x01");
}

TEST(LogLineTest, AnyBytesGiveValidJson) {
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes(random() % 64, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    const auto text = line({{"value", bytes}, {bytes, "name"}}, bytes);
    ASSERT_TRUE(json::accept(text)) << text;
    ASSERT_EQ(text.find('\n'), std::string::npos);
  }
}

TEST(LogLineTest, NumbersThatJsonLacksAreNull) {
  const auto parsed = json::parse(line({{"nan", std::numeric_limits<double>::quiet_NaN()}}));
  EXPECT_TRUE(parsed["nan"].is_null());
}

TEST(LogLineTest, CutsLongTextEvenInsideACharacter) {
  std::string umlauts = "x";
  while (umlauts.size() < 100'000) umlauts += "ä";
  const auto text = line({{"body", umlauts}});
  EXPECT_LT(text.size(), 5000U);
  EXPECT_TRUE(json::accept(text));
}

TEST(LogTest, LinesOfManyThreadsDoNotMix) {
  testing::internal::CaptureStdout();
  {
    Log log("planner", "planner-0");
    std::vector<std::jthread> writers;
    for (int writer = 0; writer < 4; ++writer) {
      writers.emplace_back([&log] {
        for (int i = 0; i < 50; ++i) log.info("tick", {{"text", std::string(300, 'x')}});
        log.debug("below_the_least_level");
      });
    }
  }
  std::istringstream written(testing::internal::GetCapturedStdout());
  int lines = 0;
  for (std::string text; std::getline(written, text); ++lines) ASSERT_EQ(json::parse(text)["event"], "tick");
  EXPECT_EQ(lines, 200);
}

}  // namespace
}  // namespace countersign::telemetry
