#include "executor/tool_result.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace countersign::executor {

namespace {

catalog::ResultRule rule(std::initializer_list<const char*> redact = {}) {
  catalog::ResultRule rule;
  for (const char* pointer : redact) rule.redact.push_back(*domain::Pointer::parse(pointer));
  return rule;
}

std::string read(const std::string& body, const catalog::ResultRule& by = rule(), const std::vector<base::Secret>& secrets = {}) {
  const auto result = read_result(by, body, secrets);
  return result ? result->text() : result.error().code;
}

}  // namespace

TEST(ToolResult, RedactsWhatTheManifestNames) {
  EXPECT_EQ(read(R"({"a":{"b":[1,{"c":"x"}]},"d":2})", rule({"/a/b/1/c", "/d", "/absent/x"})),
            R"({"a":{"b":[1,{"c":"[redacted]"}]},"d":"[redacted]"})");
}

TEST(ToolResult, HidesSecretsWhereverTheyStand) {
  const std::vector<base::Secret> secrets{base::Secret("Bearer tok-1"), base::Secret("abc")};
  EXPECT_EQ(read(R"({"echo":"got Bearer tok-1, Bearer tok-1","Bearer tok-1":["\u0042earer tok-1"],"short":"abc"})", rule(), secrets),
            R"({"[secret]":["[secret]"],"echo":"got [secret], [secret]","short":"abc"})");
}

TEST(ToolResult, TurnsNumbersThatMessagesCannotCarryIntoText) {
  EXPECT_EQ(read("[1,-3,1.5,9007199254740991,9007199254740993]"), R"([1,-3,"1.5",9007199254740991,"9007199254740993"])");
}

TEST(ToolResult, RefusesWhatIsNoJson) {
  for (const char* body : {"", "<html>", "{", "{\"a\":1,\"a\":2}", "\"\xff\"", "{\"a\":\"\\u0000\"}"})
    EXPECT_EQ(read(body), "result_unreadable") << body;
}

TEST(ToolResult, RefusesWhatIsTooDeep) { EXPECT_EQ(read(std::string(200'000, '[')), "result_unreadable"); }

TEST(ToolResult, HidesASecretThatIsPartOfWhatStandsInItsPlace) {
  EXPECT_EQ(read(R"({"echo":"secret secret"})", rule(), {base::Secret("secret")}), R"({"echo":"[secret] [secret]"})");
}

TEST(ToolResult, RefusesWhatNoMessageCouldCarry) {
  EXPECT_EQ(read('"' + std::string(17'000, 'x') + '"'), "result_too_large");
  std::string numbers = "[1e14";
  while (numbers.size() < 65'000) numbers += ",1e14";
  EXPECT_EQ(read(numbers + "]"), "result_too_large");
}

}  // namespace countersign::executor
