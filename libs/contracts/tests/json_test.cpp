#include "contracts/json.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <thread>
#include <vector>

namespace countersign::contracts {
namespace {

using nlohmann::json;

TEST(StoredJson, KeepsItsTextAndHasItsValue) {
  const std::string text = R"({"b": 1.5, "a": [true]})";
  const Json stored = Json::stored(text);
  EXPECT_EQ(stored.text(), text) << "before somebody asked for the value";
  EXPECT_EQ(stored.value(), json::parse(text));
  EXPECT_EQ(stored.text(), text) << "and afterwards";
  EXPECT_EQ(Json(stored.value()).text(), R"({"a":[true],"b":1.5})");
}

TEST(StoredJson, EqualsWhatItWasMadeOfHoweverItIsSpelled) {
  const json value{{"a", 1}, {"b", nullptr}};
  EXPECT_EQ(Json::stored(R"({"b": null, "a": 1})"), Json(value));
  EXPECT_EQ(Json::stored(Json(value).text()), Json(value));
  EXPECT_NE(Json::stored(R"({"a": 2, "b": null})"), Json(value));
}

TEST(StoredJson, IsNullOnlyWhereNullOrNothingWasStored) {
  for (const char* text : {"", "null"}) {
    EXPECT_TRUE(Json::stored(text).is_null()) << text;
    EXPECT_EQ(Json::stored(text).text(), "null") << text;
    EXPECT_EQ(Json::stored(text), Json()) << text;
  }
  for (const char* text : {"{}", "[]", "0", "false", R"("")"}) EXPECT_FALSE(Json::stored(text).is_null()) << text;
}

TEST(StoredJson, IsReadOnceForAllItsCopies) {
  const Json stored = Json::stored(R"({"a": [1, 2, 3]})");
  std::vector<const json*> seen(8);
  {
    std::vector<std::jthread> readers;
    for (auto& each : seen) readers.emplace_back([copy = stored, &each] { each = &copy.value(); });
  }
  EXPECT_EQ(std::set<const json*>(seen.begin(), seen.end()), std::set<const json*>{&stored.value()});
}

TEST(StoredJson, IsNotLookedAtBeforeSomebodyAsks) {
  const Json stored = Json::stored("{");
  EXPECT_FALSE(stored.is_null());
  EXPECT_EQ(stored.text(), "{");
  EXPECT_DEATH(stored.value(), "what was stored as JSON can be read again");
}

}  // namespace
}  // namespace countersign::contracts
