#include "contracts/guarded_json.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace countersign::contracts {
namespace {

std::string code_of(std::string_view bytes, const Limits& limits = {}) {
  const auto value = read_json(bytes, limits);
  return value ? "" : value.error().code;
}

std::string nested(std::size_t depth, char open = '[', char close = ']') { return std::string(depth, open) + std::string(depth, close); }

struct Case {
  const char* name;
  std::string bytes;
  const char* code;
};

TEST(GuardedJson, RefusesWhatBadInputIsMadeOf) {
  using namespace std::string_literals;
  const Case cases[] = {
      {"empty", "", "json_empty"},
      {"blank", " \t\r\n", "json_empty"},
      {"truncated", R"({"a":[1,2)", "json_malformed"},
      {"trailing text", "{} {}", "json_malformed"},
      {"comment", "{}//x", "json_malformed"},
      {"trailing comma", "[1,]", "json_malformed"},
      {"single quotes", "{'a':1}", "json_malformed"},
      {"name without quotes", "{a:1}", "json_malformed"},
      {"name without colon", R"({"a" 1})", "json_malformed"},
      {"name without value", R"({"a":})", "json_malformed"},
      {"number as a name", "{1:1}", "json_malformed"},
      {"members without comma", R"({"a":1 "b":2})", "json_malformed"},
      {"items without comma", "[1 2]", "json_malformed"},
      {"closed by the other bracket", "[1}", "json_malformed"},
      {"half a literal", "tru", "json_malformed"},
      {"more than a literal", "nullx", "json_malformed"},
      {"capital literal", "True", "json_malformed"},
      {"text without end", R"("abc)", "json_malformed"},
      {"closing quote escaped", R"("abc\")", "json_malformed"},
      {"text that ends in a backslash", "\"abc\\", "json_malformed"},
      {"unknown escape", R"("\x41")", "json_malformed"},
      {"capital escape", R"("\U0041")", "json_malformed"},
      {"short escape", R"("\u12")", "json_malformed"},
      {"escape that is not hexadecimal", R"("\u12g4")", "json_malformed"},
      {"byte order mark", "\xEF\xBB\xBF{}", "json_malformed"},
      {"invalid utf-8", "\"\xff\"", "json_utf8_invalid"},
      {"overlong utf-8", "\"\xc0\xaf\"", "json_utf8_invalid"},
      {"surrogate in utf-8", "\"\xed\xa0\x80\"", "json_utf8_invalid"},
      {"cut utf-8", "\"\xe2\x82\"", "json_utf8_invalid"},
      {"lone high surrogate", R"("\ud800")", "json_utf8_invalid"},
      {"lone low surrogate", R"("\udc00")", "json_utf8_invalid"},
      {"high surrogate before a character", R"("\ud800x")", "json_utf8_invalid"},
      {"high surrogate before another escape", R"("\ud800\n")", "json_utf8_invalid"},
      {"high surrogate before an escaped character", R"("\ud800\u0041")", "json_utf8_invalid"},
      {"surrogates the wrong way round", R"("\udc00\ud800")", "json_utf8_invalid"},
      {"two high surrogates", R"("\ud800\ud800")", "json_utf8_invalid"},
      {"escaped nul", R"("a\u0000b")", "json_nul"},
      {"escaped nul in a name", R"({"a\u0000":1})", "json_nul"},
      {"raw nul", "\"a\0b\""s, "json_nul"},
      {"nul behind the end", "{}\0garbage"s, "json_nul"},
      {"control character", "\"a\nb\"", "json_malformed"},
      {"duplicate key", R"({"a":1,"b":2,"a":3})", "json_key_duplicate"},
      {"duplicate key by escape", R"({"a":1,"\u0061":3})", "json_key_duplicate"},
      {"duplicate key inside", R"([{"x":{"a":1,"a":1}}])", "json_key_duplicate"},
      {"huge exponent", "1e400", "json_number_out_of_range"},
      {"2^63", "9223372036854775808", "json_number_out_of_range"},
      {"below -2^63", "-9223372036854775809", "json_number_out_of_range"},
      {"2^64", "18446744073709551616", "json_number_out_of_range"},
      {"hundred digits", std::string(100, '9'), "json_number_out_of_range"},
      {"fraction", "1.5", "json_float_refused"},
      {"exponent", "1e2", "json_float_refused"},
      {"minus zero", "-0", "json_float_refused"},
      {"NaN", "NaN", "json_malformed"},
      {"Infinity", "-Infinity", "json_malformed"},
      {"leading zero", "01", "json_malformed"},
      {"leading zero below zero", "-01", "json_malformed"},
      {"plus", "+1", "json_malformed"},
      {"minus alone", "-", "json_malformed"},
      {"fraction without digits", "1.", "json_malformed"},
      {"fraction without digits before an exponent", "1.e1", "json_malformed"},
      {"fraction alone", ".5", "json_malformed"},
      {"exponent without digits", "1e", "json_malformed"},
      {"signed exponent without digits", "1e+", "json_malformed"},
      {"hexadecimal", "0x10", "json_malformed"},
      {"200,000 arrays", nested(200'000), "json_too_large"},
      {"100,000 arrays", nested(100'000), "json_too_deep"},
      {"100,000 open arrays", std::string(100'000, '['), "json_too_deep"},
      {"65 arrays", nested(65), "json_too_deep"},
      {"10 MB", "\"" + std::string(10'000'000, 'x') + "\"", "json_too_large"},
      {"long text", "\"" + std::string(16 * 1024 + 1, 'x') + "\"", "json_string_too_long"},
      {"long name", "{\"" + std::string(16 * 1024 + 1, 'x') + "\":1}", "json_string_too_long"},
  };
  for (const auto& [name, bytes, code] : cases) EXPECT_EQ(code_of(bytes), code) << name;
}

TEST(GuardedJson, SaysAtWhichByte) {
  using namespace std::string_literals;
  const struct {
    std::string bytes;
    int at;
  } cases[] = {
      {"[tru]", 2},
      {R"({"a" 1})", 6},
      {R"(["\ud800"])", 9},
      {"[1,1.5]", 4},
      {"[-0]", 2},
      {"[1e400]", 2},
      {"[9223372036854775808]", 2},
      {R"({"a":1,"a":2})", 8},
      {R"(["a\u0000"])", 2},
      {"[\0]"s, 2},
      {"[\"\xff\"]", 3},
      {"\xEF\xBB\xBF{}", 1},
      {"[[[]]]", 3},
      {R"(["abcdefghi"])", 2},
      {"[1,", 4},
  };
  for (const auto& [bytes, at] : cases) {
    const auto value = read_json(bytes, {.depth = 2, .string_bytes = 8});
    ASSERT_FALSE(value) << bytes;
    EXPECT_TRUE(value.error().detail.ends_with(", at byte " + std::to_string(at))) << bytes << ": " << value.error().detail;
  }
}

TEST(GuardedJson, KnowsEveryEscape) {
  EXPECT_EQ(read_json(R"("\/ \b \f \n \r \t \" \\ \u0041\u00e9\u20AC")").value(), "/ \b \f \n \r \t \" \\ A\u00e9\u20ac");
}

TEST(GuardedJson, ReadsWhatIsWithinTheLimits) {
  EXPECT_EQ(code_of(nested(64)), "");
  EXPECT_EQ(code_of("\"" + std::string(16 * 1024, 'x') + "\""), "");
  EXPECT_EQ(read_json("9223372036854775807").value(), INT64_MAX);
  EXPECT_EQ(read_json("-9223372036854775808").value(), INT64_MIN);
  EXPECT_EQ(read_json(R"(" \ud83d\ude00 ")").value(), " \xF0\x9F\x98\x80 ");
  EXPECT_EQ(code_of("null"), "");
}

TEST(GuardedJson, BuildsTheSameValueAsThePlainParser) {
  const std::string text = R"({"a":[1,[2,{"b":null}],{}],"c":{"d":[],"e":{"f":true,"g":"x"}},"h":-5,"i":[[],[[]],[{"j":[1]},2]]})";
  EXPECT_EQ(read_json(text).value(), nlohmann::json::parse(text));
}

TEST(GuardedJson, AdmitsFractionsOnlyOnRequest) {
  const Limits with_floats{.floats = true};
  EXPECT_EQ(read_json("1.5", with_floats).value(), 1.5);
  EXPECT_EQ(code_of("-0", with_floats), "");
  EXPECT_EQ(code_of("1e400", with_floats), "json_number_out_of_range");
  EXPECT_EQ(code_of("9223372036854775808", with_floats), "json_number_out_of_range");
}

TEST(GuardedJson, HasLimitsThatCanBeSet) {
  EXPECT_EQ(code_of("[[]]", {.depth = 1}), "json_too_deep");
  EXPECT_EQ(code_of("\"abc\"", {.string_bytes = 2}), "json_string_too_long");
  EXPECT_EQ(code_of("123456", {.bytes = 5}), "json_too_large");
}

}  // namespace
}  // namespace countersign::contracts
