// What an approval must satisfy: the duties of rules, and the floor beside them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "policy/builders.hpp"
#include "policy/evaluate.hpp"
#include "policy/floor.hpp"
#include "policy/tests/conditions.hpp"

namespace countersign::policy {
namespace {

using base::Money;
using domain::RiskClass;
using domain::RoleDuty;
using testing::ElementsAre;

Rule asking(std::string id, Effect effect, Condition when = always(), std::optional<domain::Duties> duties = std::nullopt) {
  return {id, "Sentence of " + id + ".", "Citation of " + id, {"issue_refund"}, std::move(when), effect, std::move(duties)};
}

Decision decide_fully(std::vector<Rule> rules) {
  const Policy policy{"acme", "refunds", 1, std::move(rules)};
  return evaluate({&policy}, {.tool = "issue_refund"});
}

domain::Duties finance(std::int64_t people = 1) {
  return {.roles = {{"finance", people}}, .quorum = people, .expires_after_s = std::nullopt};
}

TEST(ApprovalDecisionTest, SumsUpTheDutiesOfAllRulesThatMatch) {
  const auto decision = decide_fully({asking("allow", Effect::allow), asking("plain", Effect::require_approval),
                                      asking("large", Effect::require_approval, unknown, finance(2)),
                                      asking("not-this", Effect::require_approval, negation(always()), finance(9))});
  ASSERT_EQ(decision.effect, Effect::require_approval);
  ASSERT_TRUE(decision.requirement);
  EXPECT_THAT(decision.requirement->rules, ElementsAre("large", "plain"));
  EXPECT_THAT(decision.requirement->roles, ElementsAre(RoleDuty{"approver", 1}, RoleDuty{"finance", 2}));
  EXPECT_EQ(decision.requirement->quorum, 2);
  EXPECT_EQ(decision.requirement->expires_after_s, 86'400);
  EXPECT_FALSE(decision.requirement->floor);
}

TEST(ApprovalDecisionTest, TellsReviewersWhyInTheWordsOfTheRules) {
  const auto decision = decide_fully({asking("allow", Effect::allow), asking("large", Effect::require_approval)});
  EXPECT_THAT(decision.rules, ElementsAre("large"));
  EXPECT_THAT(decision.why, ElementsAre(Reason{"large", "Sentence of large.", "Citation of large"}));
  const auto escalated = decide_fully({asking("allow", Effect::allow), asking("e", Effect::escalate), asking("d", Effect::deny, unknown)});
  EXPECT_THAT(escalated.why, ElementsAre(Reason{"e", "Sentence of e.", "Citation of e"}, Reason{"d", "Sentence of d.", "Citation of d"}));
}

TEST(ApprovalDecisionTest, AsksPeopleOnlyForWhatTheyMayApprove) {
  EXPECT_FALSE(decide_fully({asking("allow", Effect::allow)}).requirement);
  EXPECT_FALSE(decide_fully({asking("r", Effect::require_approval)}).requirement);  // nothing allows it
  EXPECT_FALSE(
      decide_fully({asking("allow", Effect::allow), asking("r", Effect::require_approval), asking("e", Effect::escalate)}).requirement);
  EXPECT_FALSE(decide_fully({asking("allow", Effect::allow), asking("r", Effect::require_approval), asking("d", Effect::deny, unknown)})
                   .requirement);
}

Floor floor_of(FloorDemand demand) {
  demand.id = "floor.f.1";
  demand.sentence = "The floor says so.";
  demand.citation = "floor acme/f@1";
  if (demand.duties.roles.empty()) demand.duties = finance();
  return {{std::move(demand)}};
}

const Money ten{1'000, "EUR"};

Effect effect_under(const Floor& floor, RiskClass risk, const Money* amount, Effect policy = Effect::allow) {
  return raise_to_floor({.effect = policy}, floor, {"issue_refund", risk, amount}).effect;
}

TEST(FloorTest, DemandsApprovalOfWhatPolicyAllows) {
  const auto decision = raise_to_floor(decide_fully({asking("allow", Effect::allow)}), floor_of({.classes = {RiskClass::money}}),
                                       {"issue_refund", RiskClass::money, &ten});
  EXPECT_EQ(decision.effect, Effect::require_approval);
  EXPECT_THAT(decision.codes, ElementsAre("approval_required"));
  EXPECT_THAT(decision.rules, ElementsAre("floor.f.1"));
  EXPECT_THAT(decision.why, ElementsAre(Reason{"floor.f.1", "The floor says so.", "floor acme/f@1"}));
  ASSERT_TRUE(decision.requirement);
  EXPECT_TRUE(decision.requirement->floor);
  EXPECT_THAT(decision.requirement->roles, ElementsAre(RoleDuty{"finance", 1}));
}

TEST(FloorTest, AddsToWhatPolicyDemands) {
  const auto decision = raise_to_floor(decide_fully({asking("allow", Effect::allow), asking("r", Effect::require_approval)}),
                                       floor_of({.tools = {"issue_refund"}}), {"issue_refund", RiskClass::money, &ten});
  EXPECT_THAT(decision.rules, ElementsAre("r", "floor.f.1"));
  EXPECT_THAT(decision.requirement->rules, ElementsAre("floor.f.1", "r"));
  EXPECT_THAT(decision.requirement->roles, ElementsAre(RoleDuty{"approver", 1}, RoleDuty{"finance", 1}));
}

TEST(FloorTest, NeverPermitsWhatPolicyDoesNot) {
  const auto floor = floor_of({.tools = {"*"}});
  for (const auto effect : {Effect::deny, Effect::escalate}) {
    const Decision before{.effect = effect, .codes = {"x"}};
    EXPECT_EQ(raise_to_floor(before, floor, {"issue_refund", RiskClass::money, nullptr}), before);
  }
}

TEST(FloorTest, BeginsAboveItsAmount) {
  const auto floor = floor_of({.classes = {RiskClass::money}, .above = ten});
  const Money less{999, "EUR"}, more{1'001, "EUR"}, dollars{1, "USD"}, negative{-5, "EUR"};
  EXPECT_EQ(effect_under(floor, RiskClass::money, &less), Effect::allow);
  EXPECT_EQ(effect_under(floor, RiskClass::money, &ten), Effect::allow);
  EXPECT_EQ(effect_under(floor, RiskClass::money, &negative), Effect::allow);
  EXPECT_EQ(effect_under(floor, RiskClass::money, &more), Effect::require_approval);
}

TEST(FloorTest, TakesWhatIsNotKnownForMore) {
  const auto floor = floor_of({.classes = {RiskClass::money}, .above = ten});
  const Money dollars{1, "USD"};
  EXPECT_EQ(effect_under(floor, RiskClass::money, &dollars), Effect::require_approval);
  EXPECT_EQ(effect_under(floor, RiskClass::money, nullptr), Effect::require_approval);
}

TEST(FloorTest, IsAboutToolsOrClasses) {
  const auto floor = floor_of({.tools = {"close_account"}, .classes = {RiskClass::irreversible}});
  EXPECT_EQ(effect_under(floor, RiskClass::money, &ten), Effect::allow);
  EXPECT_EQ(effect_under(floor, RiskClass::irreversible, &ten), Effect::require_approval);
  EXPECT_EQ(raise_to_floor({.effect = Effect::allow}, floor, {"close_account", RiskClass::draft, nullptr}).effect,
            Effect::require_approval);
  EXPECT_EQ(effect_under(floor_of({.tools = {"*"}}), RiskClass::read, nullptr), Effect::require_approval);
}

TEST(FloorTest, WithoutOneOnlyTheIrreversibleIsDemanded) {
  for (const auto risk : {RiskClass::read, RiskClass::draft, RiskClass::reversible, RiskClass::outbound, RiskClass::money})
    EXPECT_EQ(effect_under(default_floor(), risk, nullptr), Effect::allow);
  const auto decision = raise_to_floor({.effect = Effect::allow}, default_floor(), {"close_account", RiskClass::irreversible, nullptr});
  EXPECT_EQ(decision.effect, Effect::require_approval);
  EXPECT_THAT(decision.requirement->roles, ElementsAre(RoleDuty{"approver", 1}));
}

int permission(Effect effect) { return 3 - static_cast<int>(effect); }

TEST(FloorPropertyTest, AnotherDemandNeverWidens) {
  std::mt19937 random{5};
  const std::vector<RiskClass> classes{RiskClass::read, RiskClass::money, RiskClass::irreversible};
  for (int i = 0; i < 3'000; ++i) {
    const auto pick = [&random](std::size_t n) { return random() % n; };
    const Money amount{static_cast<std::int64_t>(pick(2'000)), pick(2) == 0 ? "EUR" : "USD"};
    const FloorSubject subject{pick(2) == 0 ? "a" : "b", classes[pick(3)], pick(3) == 0 ? nullptr : &amount};
    Floor floor;
    Decision before = raise_to_floor({.effect = static_cast<Effect>(pick(4))}, floor, subject);
    for (int n = 0; n < 4; ++n) {
      FloorDemand demand{.id = "d" + std::to_string(n),
                         .tools = {pick(2) == 0 ? "a" : "b"},
                         .classes = {classes[pick(3)]},
                         .duties = finance(1 + static_cast<std::int64_t>(pick(3)))};
      if (pick(2) == 0) demand.above = Money{static_cast<std::int64_t>(pick(2'000)), "EUR"};
      floor.demands.push_back(std::move(demand));
      const Decision after = raise_to_floor(before, floor, subject);
      ASSERT_LE(permission(after.effect), permission(before.effect)) << "round " << i;
      if (before.requirement) {
        ASSERT_TRUE(domain::covers(*after.requirement, *before.requirement)) << "round " << i;
      }
    }
  }
}

}  // namespace
}  // namespace countersign::policy
