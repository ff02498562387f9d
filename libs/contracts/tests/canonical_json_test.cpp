#include "contracts/canonical_json.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace countersign::contracts {
namespace {

using nlohmann::json;

std::string canonical(const char* text) { return canonical_json(json::parse(text)).value(); }

TEST(CanonicalJson, DropsSpaceAndSortsMembers) {
  EXPECT_EQ(canonical(R"({ "b" : [ 1, true , null ], "a" : { "d":"", "c":-1 } })"), R"({"a":{"c":-1,"d":""},"b":[1,true,null]})");
}

TEST(CanonicalJson, SortsByUtf16AsTheExampleOfRfc8785) {
  const std::string text = canonical(
      R"({"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"})");
  EXPECT_EQ(
      text,
      "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\xC2\x80\":\"Control\",\"\xC3\xB6\":\"Latin Small Letter O With Diaeresis\","
      "\"\xE2\x82\xAC\":\"Euro Sign\",\"\xF0\x9F\x98\x80\":\"Emoji: Grinning Face\",\"\xEF\xAC\xB3\":\"Hebrew Letter Dalet With Dagesh\"}");
}

TEST(CanonicalJson, EscapesAsLittleAsPossible) {
  EXPECT_EQ(canonical(R"("\u0001\b\t\n\f\r\u001f\"\\\/<\u007f\u00e9")"), "\"\\u0001\\b\\t\\n\\f\\r\\u001f\\\"\\\\/<\x7f\xC3\xA9\"");
}

TEST(CanonicalJson, AdmitsIntegersThatEveryReaderAgreesOn) {
  EXPECT_EQ(canonical("9007199254740991"), "9007199254740991");
  EXPECT_EQ(canonical("-9007199254740991"), "-9007199254740991");
  for (const char* text : {"9007199254740992", "-9007199254740992", "18446744073709551615", "1.5", "1.0"})
    EXPECT_EQ(canonical_json(json::parse(text)).error().code, "canonical_number") << text;
}

TEST(CanonicalJson, RefusesDepthAndBrokenText) {
  json deep;
  for (int i = 0; i < 65; ++i) deep = json::array({deep});
  EXPECT_EQ(canonical_json(deep).error().code, "canonical_depth");
  EXPECT_EQ(canonical_json(json("\xff")).error().code, "canonical_utf8");
}

}  // namespace
}  // namespace countersign::contracts
