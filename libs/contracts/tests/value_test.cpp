#include "contracts/value.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace countersign::contracts {
namespace {

using nlohmann::json;

TEST(Value, KeepsTypesApart) {
  const auto value = to_value(json::parse(R"({"a":1,"b":"1","c":true,"d":null,"e":[1],"f":1.5})"));
  const auto& members = *value.object();
  EXPECT_EQ(*members.at("a").integer(), 1);
  EXPECT_EQ(*members.at("b").text(), "1");
  EXPECT_EQ(*members.at("c").boolean(), true);
  EXPECT_TRUE(members.at("d").null());
  EXPECT_EQ(members.at("e").list()->size(), 1U);
  EXPECT_EQ(*members.at("f").text(), "1.5");
}

TEST(Value, SeesMoneyOnlyInItsExactForm) {
  const auto money = to_value(json::parse(R"({"minor":"-2500","currency":"EUR"})"));
  ASSERT_NE(money.money(), nullptr);
  EXPECT_EQ(*money.money(), (base::Money{-2500, "EUR"}));
  for (const char* text :
       {R"({"minor":2500,"currency":"EUR"})", R"({"minor":"025","currency":"EUR"})", R"({"minor":"1","currency":"eur"})",
        R"({"minor":"1"})", R"({"minor":"1","currency":"EUR","x":1})", R"({"minor":"99999999999999999999","currency":"EUR"})"})
    EXPECT_NE(to_value(json::parse(text)).object(), nullptr) << text;
}

TEST(Value, ComesBackAsTheSameJson) {
  const auto original = json::parse(R"({"a":[1,"x",{"minor":"5","currency":"EUR"}],"b":{},"c":null,"d":false})");
  EXPECT_EQ(to_json(to_value(original)), original);
}

}  // namespace
}  // namespace countersign::contracts
