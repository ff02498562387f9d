#include "contracts/member_writer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "contracts/canonical_json.hpp"

namespace countersign::contracts {
namespace {

using nlohmann::json;

MemberWriter numbers(const std::vector<const char*>& names) {
  MemberWriter writer;
  std::int64_t number = 0;
  for (const char* name : names) writer.put(name, ++number);
  return writer;
}

TEST(MemberWriter, WritesMembersInTheOrderOfTheirNamesHoweverTheyCome) {
  std::vector<const char*> names{"a", "a_b", "aa", "b", "b2"};
  do {
    json expected;
    std::int64_t number = 0;
    for (const char* name : names) expected[name] = ++number;
    EXPECT_EQ(numbers(names).text(), canonical_json(expected).value());
  } while (std::next_permutation(names.begin(), names.end(), [](std::string_view a, std::string_view b) { return a < b; }));
}

TEST(MemberWriter, KeepsTheLastOfANameThatIsPutAgain) {
  EXPECT_EQ(numbers({"a", "a"}).text(), R"({"a":2})");
  EXPECT_EQ(numbers({"a", "b", "c", "a"}).text(), R"({"a":4,"b":2,"c":3})") << "first";
  EXPECT_EQ(numbers({"a", "b", "c", "b", "b"}).text(), R"({"a":1,"b":5,"c":3})") << "in the middle";
  EXPECT_EQ(numbers({"c", "a", "b", "c", "d"}).text(), R"({"a":2,"b":3,"c":4,"d":5})") << "last";
}

TEST(MemberWriter, KeepsEveryKindOfMember) {
  MemberWriter inner;
  inner.put("y", std::int64_t{-1}).put("x", std::string("\"\n"));
  MemberWriter writer;
  writer.put("texts", std::vector<std::string>{"b", "a"}).put("yes", true).put("money", base::Money{2500, "EUR"});
  writer.part("inner", inner).part("free", json{{"z", 1}, {"a", nullptr}}).spelled("spelled", "[1]").put("json", Json::array());
  EXPECT_EQ(writer.text(), canonical_json(json::parse(writer.text())).value());
  EXPECT_EQ(json::parse(writer.text()), json::parse(R"({"texts": ["b", "a"], "yes": true, "money": {"minor": "2500", "currency": "EUR"},
    "inner": {"x": "\"\n", "y": -1}, "free": {"a": null, "z": 1}, "spelled": [1], "json": []})"));
}

TEST(MemberWriter, WritesNothingForWhatIsAbsent) {
  MemberWriter writer;
  writer.put("a", std::optional<std::string>{}).put("b", std::optional<std::int64_t>{7}).unless_empty("c", {});
  EXPECT_EQ(writer.text(), R"({"b":7})");
  EXPECT_EQ(MemberWriter{}.text(), "{}");
}

TEST(MemberWriter, WritesListsOfObjectsWhereTheirNameBelongs) {
  MemberWriter writer;
  const auto number = [](std::int64_t n) { return std::move(MemberWriter{}.put("n", n)); };
  writer.put("z", true).list("items", std::vector<std::int64_t>{1, 2}, number).list("none", std::vector<std::int64_t>{}, number);
  writer.list("items", std::vector<std::int64_t>{3}, number);
  EXPECT_EQ(writer.text(), R"({"items":[{"n":3}],"none":[],"z":true})");
}

}  // namespace
}  // namespace countersign::contracts
