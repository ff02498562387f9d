// What makes a policy unfit to be compiled.

#include "policy/policy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/builders.hpp"

namespace countersign::policy {
namespace {

using testing::Contains;
using testing::IsEmpty;

Rule sound() {
  return {"small-refunds", "Small refunds go through.", "Handbook 4.2", {"issue_refund"}, always(), Effect::allow, std::nullopt};
}

std::vector<std::string> codes_of(std::vector<Rule> rules) {
  std::vector<std::string> codes;
  for (const auto& fault : find_faults({"acme", "refunds", 1, std::move(rules)})) codes.push_back(fault.code);
  return codes;
}

std::vector<std::string> codes_with(Condition when, Effect effect = Effect::deny) {
  Rule rule = sound();
  rule.when = std::move(when);
  rule.effect = effect;
  return codes_of({rule});
}

TEST(PolicyTest, ASoundPolicyHasNoFaults) {
  EXPECT_THAT(codes_of({sound()}), IsEmpty());
  EXPECT_THAT(codes_with(all({eq(argument("/a"), evidence("lookup", {same("/id", "/a")}, "/b")), in(ticket("/fields/x"), {"a", 1})}),
                         Effect::allow),
              IsEmpty());
}

TEST(PolicyTest, ListsAllFaultsTogether) {
  EXPECT_THAT(codes_of({}), Contains("rules_missing"));
  EXPECT_THAT(codes_of({sound(), sound()}), Contains("rule_id_repeated"));
  const Rule empty{"", "", "", {}, always(), Effect::deny, std::nullopt};
  EXPECT_THAT(codes_of({empty}), testing::UnorderedElementsAre("rule_id_invalid", "sentence_missing", "citation_missing", "tools_missing"));
  EXPECT_THAT(codes_of(std::vector<Rule>(501, sound())), Contains("too_many_rules"));
}

TEST(PolicyTest, OnlyWhatRestrictsMayBeAboutEveryTool) {
  Rule rule = sound();
  rule.tools = {"*"};
  EXPECT_THAT(codes_of({rule}), Contains("scope_too_wide"));
  for (const auto effect : {Effect::require_approval, Effect::escalate, Effect::deny}) {
    rule.effect = effect;
    EXPECT_THAT(codes_of({rule}), IsEmpty());
  }
}

TEST(PolicyTest, RefusesConditionsOfTheWrongShape) {
  for (const Condition& condition :
       {all({}), any({}), in(argument("/a"), {}), in(argument("/a"), {domain::Value{}}), Condition{.kind = Condition::Kind::negation},
        Condition{.kind = Condition::Kind::eq, .values = {literal(1)}}, Condition{.kind = Condition::Kind::always, .values = {literal(1)}}})
    EXPECT_THAT(codes_with(condition), Contains("condition_invalid"));
  for (const Expression& expression : {fact(""), literal(nullptr), literal(domain::Value::List{}), sum({}), difference({literal(1)}),
                                       evidence("", {same("/a", "/a")}, "/x")})
    EXPECT_THAT(codes_with(present(expression)), Contains("expression_invalid"));
  Condition deep = always();
  for (int i = 0; i < 20; ++i) deep = negation(std::move(deep));
  EXPECT_THAT(codes_with(deep), Contains("condition_invalid"));
}

TEST(PolicyTest, EvidenceMustBeTiedToTheAction) {
  EXPECT_THAT(codes_with(present(evidence("lookup_order", {}, "/x"))), Contains("expression_invalid"));
}

TEST(PolicyTest, WhatAPlannerThinksMayOnlyRestrict) {
  const auto sure = ge(fact("opinion.confidence"), literal(900));
  EXPECT_THAT(codes_with(sure, Effect::allow), Contains("opinion_in_allow"));
  EXPECT_THAT(codes_with(sure, Effect::require_approval), IsEmpty());
  for (const char* name : {"opinion.category", "agent.name", "agent.version", "plan.confidence", "category"}) {
    const auto hidden = negation(any({negation(eq(fact(name), literal("x"))), always()}));
    EXPECT_THAT(codes_with(hidden, Effect::allow), Contains("opinion_in_allow")) << name;
    for (const auto effect : {Effect::require_approval, Effect::escalate, Effect::deny}) EXPECT_THAT(codes_with(hidden, effect), IsEmpty());
  }
  for (const char* name : {"actor.id", "actor.authenticated", "actor.roles", "requester.id", "planned"})
    EXPECT_THAT(codes_with(present(fact(name)), Effect::allow), IsEmpty()) << name;
}

TEST(PolicyTest, PossessionIsOfOneScalar) {
  EXPECT_THAT(codes_with(has(fact("actor.roles"), "admin"), Effect::allow), IsEmpty());
  EXPECT_THAT(codes_with(has(fact("actor.roles"), domain::Value::List{}), Effect::allow), Contains("condition_invalid"));
  EXPECT_THAT(codes_with(Condition{.kind = Condition::Kind::has, .values = {fact("actor.roles")}, .members = {"a", "b"}}),
              Contains("condition_invalid"));
}

std::vector<std::string> codes_with_duties(domain::Duties duties, Effect effect = Effect::require_approval) {
  Rule rule = sound();
  rule.effect = effect;
  rule.duties = std::move(duties);
  return codes_of({rule});
}

TEST(PolicyTest, OnlyARuleThatRequiresApprovalHasDuties) {
  EXPECT_THAT(codes_with_duties(domain::default_duties()), IsEmpty());
  for (const auto effect : {Effect::allow, Effect::escalate, Effect::deny})
    EXPECT_THAT(codes_with_duties(domain::default_duties(), effect), Contains("duties_misplaced"));
}

TEST(PolicyTest, DutiesCanBeMet) {
  EXPECT_THAT(codes_with_duties({.roles = {{"a", 2}, {"b", 1}}, .quorum = 3, .expires_after_s = 60}), IsEmpty());
  for (const domain::Duties& duties :
       {domain::Duties{}, domain::Duties{.roles = {{"a", 0}}}, domain::Duties{.roles = {{"a", 21}}},
        domain::Duties{.roles = {{"a", 1}, {"a", 2}}}, domain::Duties{.roles = {{"", 1}}}, domain::Duties{.roles = {{"a", 1}}, .quorum = 0},
        domain::Duties{.roles = {{"a", 1}}, .quorum = 21}, domain::Duties{.roles = {{"a", 1}}, .expires_after_s = 0}})
    EXPECT_THAT(codes_with_duties(duties), Contains("duties_invalid"));
}

}  // namespace
}  // namespace countersign::policy
