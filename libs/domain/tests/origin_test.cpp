#include "domain/origin.hpp"

#include <gtest/gtest.h>

#include "domain/risk.hpp"

namespace countersign::domain {
namespace {

constexpr std::array best_to_worst{Origin::system_of_record, Origin::verified_field, Origin::constant,
                                   Origin::customer_text,    Origin::tool_text,      Origin::model};

TEST(OriginTest, TheWorseOfTwoWins) {
  for (std::size_t i = 0; i < best_to_worst.size(); ++i)
    for (std::size_t j = 0; j < best_to_worst.size(); ++j)
      EXPECT_EQ(worst(best_to_worst[i], best_to_worst[j]), best_to_worst[std::max(i, j)]);
}

TEST(OriginTest, EvidenceIsNoBetterThanWhatItWasAskedWith) {
  for (const Origin argument : best_to_worst) {
    EXPECT_EQ(evidence_origin(argument, true), argument);
    EXPECT_GE(evidence_origin(argument, false), Origin::tool_text);
  }
}

TEST(OriginTest, WordsAreReadBackAndOtherWordsAreNot) {
  for (const Origin origin : best_to_worst) EXPECT_EQ(find_named<Origin>(name_of(origin)), origin);
  EXPECT_FALSE(find_named<Origin>("System_of_record"));
  EXPECT_FALSE(find_named<RiskClass>(""));
}

TEST(OriginTest, WhatIsNotListedIsLikeItsNearestAncestor) {
  const OriginMap origins{{"/a", Origin::verified_field}, {"/a/b", Origin::model}};
  EXPECT_EQ(origin_at(origins, "/a", Origin::customer_text), Origin::verified_field);
  EXPECT_EQ(origin_at(origins, "/a/x/y", Origin::customer_text), Origin::verified_field);
  EXPECT_EQ(origin_at(origins, "/a/b/c", Origin::customer_text), Origin::model);
  EXPECT_EQ(origin_at(origins, "/ab", Origin::customer_text), Origin::customer_text);
  EXPECT_EQ(worst_of(origins), Origin::model);
  EXPECT_EQ(worst_of({}), Origin::system_of_record);
}

TEST(OriginTest, AnArgumentIsAdmittedOnlyWithAnOriginThatItsManifestLists) {
  const AcceptedOrigins accepted{{"/order_id", {Origin::verified_field, Origin::system_of_record}}, {"/lines", {Origin::model}}};
  EXPECT_TRUE(check_origins(accepted, {{"/order_id", Origin::verified_field}, {"/lines/0/text", Origin::model}}).empty());
  EXPECT_TRUE(check_origins(accepted, {}).empty());
  for (const Origin origin : {Origin::constant, Origin::customer_text, Origin::tool_text, Origin::model}) {
    const auto refusals = check_origins(accepted, {{"/order_id", origin}});
    ASSERT_EQ(refusals.size(), 1u);
    EXPECT_EQ(refusals[0].code, "origin_not_accepted");
    EXPECT_NE(refusals[0].detail.find("/order_id"), std::string::npos);
  }
  // A better origin than the ones listed is another origin still.
  EXPECT_EQ(check_origins(accepted, {{"/lines", Origin::system_of_record}}).size(), 1u);
  EXPECT_EQ(check_origins(accepted, {{"/surprise", Origin::system_of_record}}).size(), 1u);
  EXPECT_EQ(check_origins(accepted, {{"/surprise", Origin::model}, {"/order_id", Origin::model}}).size(), 2u);
  EXPECT_EQ(check_origins({}, {{"/order_id", Origin::system_of_record}}).size(), 1u);
}

}  // namespace

TEST(OriginTest, AWholeObjectDoesNotBringInAMemberThatIsListedMoreStrictly) {
  const AcceptedOrigins accepted{{"/customer", {Origin::customer_text, Origin::system_of_record}},
                                 {"/customer/iban", {Origin::system_of_record}},
                                 {"/customers", {Origin::constant}}};
  const auto refusals = check_origins(accepted, {{"/customer", Origin::customer_text}});
  ASSERT_EQ(refusals.size(), 1u);
  EXPECT_NE(refusals[0].detail.find("/customer/iban"), std::string::npos);
  EXPECT_TRUE(check_origins(accepted, {{"/customer", Origin::system_of_record}}).empty());
  EXPECT_TRUE(check_origins(accepted, {{"/customer/name", Origin::customer_text}, {"/customer/iban", Origin::system_of_record}}).empty());
}

}  // namespace countersign::domain
