// What single conditions say of facts.

#include <gtest/gtest.h>

#include "policy/builders.hpp"
#include "policy/evaluate.hpp"
#include "policy/tests/conditions.hpp"

namespace countersign::policy {
namespace {

using base::Money;
using domain::Value;

Facts some_facts() {
  Facts facts;
  facts.tool = "issue_refund";
  facts.named = {{"amount", {Money{2500, "EUR"}}}, {"run.turns", {2}}, {"requester.authenticated", {true}}, {"nothing", {nullptr}}};
  facts.arguments = Value::Object{{"order_id", "ord-1"}, {"amount", Money{2500, "EUR"}}, {"tags", Value::List{"a"}}};
  facts.ticket = Value::Object{{"version", 3}, {"fields", Value::Object{{"topic", "refund"}, {"none", nullptr}}}};
  facts.evidence = {
      {"lookup_order", Value::Object{{"id", "ord-1"}}, Value::Object{{"customer_id", "c0"}}, domain::Origin::system_of_record},
      {"lookup_order", Value::Object{{"id", "ord-1"}},
       Value::Object{{"customer_id", "c1"}, {"captured", Money{5000, "EUR"}}, {"refunded", Money{1000, "EUR"}}},
       domain::Origin::system_of_record},
      {"lookup_order", Value::Object{{"id", "ord-2"}}, Value::Object{{"customer_id", "c2"}}, domain::Origin::system_of_record},
      {"lookup_refund", Value::Object{{"id", "ord-1"}}, Value::Object{{"customer_id", "c3"}}, domain::Origin::system_of_record},
  };
  return facts;
}

Truth truth_of(const Condition& condition) { return policy::truth_of(condition, some_facts()); }

Expression order_evidence(std::string_view at) { return evidence("lookup_order", {same("/id", "/order_id")}, at); }

TEST(TruthTest, IsKleenes) {
  constexpr std::array all_three{Truth::no, Truth::unknown, Truth::yes};
  // Rows and columns: no, unknown, yes. The tables are those of the strong logic.
  constexpr Truth conjunction[3][3] = {
      {Truth::no, Truth::no, Truth::no}, {Truth::no, Truth::unknown, Truth::unknown}, {Truth::no, Truth::unknown, Truth::yes}};
  constexpr Truth disjunction[3][3] = {
      {Truth::no, Truth::unknown, Truth::yes}, {Truth::unknown, Truth::unknown, Truth::yes}, {Truth::yes, Truth::yes, Truth::yes}};
  const std::array<Condition, 3> written{no, unknown, yes};
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(truth_of(negation(written[i])), all_three[2 - i]);
    for (std::size_t j = 0; j < 3; ++j) {
      EXPECT_EQ(truth_of(all({written[i], written[j]})), conjunction[i][j]);
      EXPECT_EQ(truth_of(any({written[i], written[j]})), disjunction[i][j]);
      EXPECT_EQ(both(all_three[i], all_three[j]), conjunction[i][j]);
      EXPECT_EQ(either(all_three[i], all_three[j]), disjunction[i][j]);
    }
  }
}

TEST(ConditionTest, ComparesByType) {
  struct Case {
    Condition condition;
    Truth expected;
  };
  const std::vector<Case> cases{
      {eq(argument("/order_id"), literal("ord-1")), Truth::yes},
      {eq(argument("/order_id"), literal("ord-2")), Truth::no},
      {ne(argument("/order_id"), literal("ord-2")), Truth::yes},
      {eq(argument("/order_id"), literal(1)), Truth::unknown},
      {ne(argument("/order_id"), literal(1)), Truth::unknown},
      {eq(argument("/absent"), argument("/absent")), Truth::unknown},
      {eq(ticket("/fields/none"), ticket("/fields/none")), Truth::unknown},
      {eq(argument("/tags"), argument("/tags")), Truth::unknown},
      {eq(fact("requester.authenticated"), literal(true)), Truth::yes},
      {eq(fact("requester.authenticated"), literal("true")), Truth::unknown},
      {lt(fact("run.turns"), literal(3)), Truth::yes},
      {le(fact("run.turns"), literal(2)), Truth::yes},
      {lt(fact("run.turns"), literal(2)), Truth::no},
      {gt(fact("run.turns"), literal(2)), Truth::no},
      {ge(fact("run.turns"), literal(2)), Truth::yes},
      {le(fact("amount"), literal(Money{2500, "EUR"})), Truth::yes},
      {lt(fact("amount"), literal(Money{2500, "EUR"})), Truth::no},
      {le(fact("amount"), literal(Money{99999, "USD"})), Truth::unknown},
      {eq(fact("amount"), literal(Money{2500, "USD"})), Truth::unknown},
      {le(fact("amount"), literal(2500)), Truth::unknown},
      {lt(argument("/order_id"), literal("zzz")), Truth::unknown},
      {lt(literal(false), literal(true)), Truth::unknown},
  };
  for (std::size_t i = 0; i < cases.size(); ++i) EXPECT_EQ(truth_of(cases[i].condition), cases[i].expected) << "case " << i;
}

TEST(ConditionTest, MembershipIsUnknownAmongValuesOfOtherTypes) {
  EXPECT_EQ(truth_of(in(ticket("/fields/topic"), {"refund", "billing"})), Truth::yes);
  EXPECT_EQ(truth_of(in(ticket("/fields/topic"), {"billing"})), Truth::no);
  EXPECT_EQ(truth_of(in(ticket("/fields/topic"), {1, 2})), Truth::unknown);
  EXPECT_EQ(truth_of(in(ticket("/fields/topic"), {1, "billing"})), Truth::no);
  EXPECT_EQ(truth_of(in(ticket("/fields/absent"), {"billing"})), Truth::unknown);
  EXPECT_EQ(truth_of(in(fact("amount"), {Money{2500, "USD"}})), Truth::unknown);
  EXPECT_EQ(truth_of(in(fact("amount"), {Money{2500, "EUR"}})), Truth::yes);
}

TEST(ConditionTest, OnlyATruthValueIsTrue) {
  EXPECT_EQ(truth_of(is_true(fact("requester.authenticated"))), Truth::yes);
  EXPECT_EQ(truth_of(is_true(literal(false))), Truth::no);
  for (const Value& value : {Value("true"), Value(1), Value()}) EXPECT_EQ(truth_of(is_true(literal(value))), Truth::unknown);
}

TEST(ConditionTest, AbsenceIsKnownOnlyWhereEverythingIsKnown) {
  EXPECT_EQ(truth_of(present(argument("/order_id"))), Truth::yes);
  EXPECT_EQ(truth_of(present(argument("/absent"))), Truth::no);
  EXPECT_EQ(truth_of(present(ticket("/fields/none"))), Truth::no);
  EXPECT_EQ(truth_of(present(ticket("/fields/absent"))), Truth::no);
  EXPECT_EQ(truth_of(present(order_evidence("/customer_id"))), Truth::yes);
  EXPECT_EQ(truth_of(present(order_evidence("/absent"))), Truth::no);
  EXPECT_EQ(truth_of(present(evidence("never_read", {same("/id", "/order_id")}, "/x"))), Truth::unknown);
  EXPECT_EQ(truth_of(present(fact("amount"))), Truth::yes);
  EXPECT_EQ(truth_of(present(fact("nothing"))), Truth::no);
  EXPECT_EQ(truth_of(present(fact("absent"))), Truth::unknown);
  EXPECT_EQ(truth_of(present(sum({fact("amount"), fact("run.turns")}))), Truth::unknown);
}

TEST(ConditionTest, EvidenceIsOfThatToolAndOfThatTargetAndTheNewest) {
  EXPECT_EQ(truth_of(eq(order_evidence("/customer_id"), literal("c1"))), Truth::yes);
  auto facts = some_facts();
  facts.arguments = Value::Object{{"order_id", "ord-2"}};
  EXPECT_EQ(policy::truth_of(eq(order_evidence("/customer_id"), literal("c2")), facts), Truth::yes);
  for (const Value& id : {Value("ord-3"), Value(1), Value(), Value("ORD-1")}) {
    facts.arguments = Value::Object{{"order_id", id}};
    EXPECT_EQ(policy::truth_of(eq(order_evidence("/customer_id"), order_evidence("/customer_id")), facts), Truth::unknown);
  }
  facts.arguments = Value::Object{};
  EXPECT_EQ(policy::truth_of(present(order_evidence("/customer_id")), facts), Truth::unknown);
}

TEST(ConditionTest, ComputesWithinOneCurrency) {
  const auto refundable = difference({order_evidence("/captured"), order_evidence("/refunded")});
  EXPECT_EQ(truth_of(le(fact("amount"), refundable)), Truth::yes);
  EXPECT_EQ(truth_of(eq(refundable, literal(Money{4000, "EUR"}))), Truth::yes);
  EXPECT_EQ(truth_of(le(sum({fact("amount"), fact("amount")}), refundable)), Truth::no);
  EXPECT_EQ(truth_of(eq(min({refundable, fact("amount")}), fact("amount"))), Truth::yes);
  EXPECT_EQ(truth_of(le(sum({fact("amount"), literal(1)}), refundable)), Truth::unknown);
  EXPECT_EQ(truth_of(le(sum({fact("amount"), literal(Money{1, "USD"})}), refundable)), Truth::unknown);
  EXPECT_EQ(truth_of(lt(sum({literal(std::numeric_limits<std::int64_t>::max()), literal(1)}), literal(0))), Truth::unknown);
}

TEST(ConditionTest, WhatNobodyCouldHaveWrittenDecidesNothing) {
  EXPECT_EQ(truth_of(all({})), Truth::unknown);
  EXPECT_EQ(truth_of(any({})), Truth::unknown);
  EXPECT_EQ(truth_of({.kind = Condition::Kind::negation}), Truth::unknown);
  EXPECT_EQ(truth_of({.kind = Condition::Kind::eq}), Truth::unknown);
  EXPECT_EQ(truth_of({.kind = Condition::Kind::present}), Truth::unknown);
  EXPECT_EQ(truth_of({.kind = Condition::Kind::in}), Truth::unknown);
  EXPECT_EQ(truth_of(eq(sum({}), sum({}))), Truth::unknown);
}

TEST(ConditionTest, HasLooksIntoLists) {
  Facts facts = some_facts();
  facts.named["actor.roles"] = {Value::List{"support", "admin"}};
  facts.named["no.roles"] = {Value::List{}};
  facts.named["mixed"] = {Value::List{"support", 7}};
  const auto truth = [&facts](std::string name, Value member) {
    return policy::truth_of(has(fact(std::move(name)), std::move(member)), facts);
  };
  EXPECT_EQ(truth("actor.roles", "admin"), Truth::yes);
  EXPECT_EQ(truth("actor.roles", "root"), Truth::no);
  EXPECT_EQ(truth("no.roles", "admin"), Truth::no);
  EXPECT_EQ(truth("mixed", "support"), Truth::yes);
  EXPECT_EQ(truth("mixed", "admin"), Truth::unknown);  // who knows what 7 is meant to be
  EXPECT_EQ(truth("actor.roles", 1), Truth::unknown);
  EXPECT_EQ(truth("absent", "admin"), Truth::unknown);
  EXPECT_EQ(truth("requester.authenticated", true), Truth::unknown);  // no list
  EXPECT_EQ(policy::truth_of(has(argument("/tags"), "a"), facts), Truth::yes);
}

}  // namespace
}  // namespace countersign::policy
