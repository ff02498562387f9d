#include "policy/evaluate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "policy/builders.hpp"
#include "policy/explain.hpp"
#include "policy/tests/conditions.hpp"

namespace countersign::policy {
namespace {

using base::Money;
using domain::Value;
using testing::ElementsAre;
using testing::IsEmpty;

Rule rule(std::string id, Effect effect, Condition when, std::vector<std::string> tools = {"issue_refund"}) {
  return {std::move(id), "A sentence.", "A citation.", std::move(tools), std::move(when), effect, std::nullopt};
}

Policy policy_of(std::vector<Rule> rules) { return {"acme", "refunds", 1, std::move(rules)}; }

// Without reasons and requirement, which approval_test.cpp looks at.
Decision decide(std::vector<Rule> rules, const Facts& facts) {
  const Policy policy = policy_of(std::move(rules));
  auto decision = evaluate({&policy}, facts);
  decision.why.clear();
  decision.requirement.reset();
  return decision;
}
Decision decide(std::vector<Rule> rules) { return decide(std::move(rules), {.tool = "issue_refund"}); }

TEST(EvaluateTest, NothingIsAllowedUnlessARuleAllowsIt) {
  EXPECT_EQ(decide({}), (Decision{Effect::deny, {"no_rule_allows"}}));
  EXPECT_EQ(evaluate({}, {.tool = "issue_refund"}), (Decision{Effect::deny, {"no_rule_allows"}}));
  EXPECT_EQ(decide({rule("a", Effect::allow, no)}), (Decision{Effect::deny, {"no_rule_allows"}}));
  EXPECT_EQ(decide({rule("a", Effect::allow, unknown)}), (Decision{Effect::deny, {"no_rule_allows"}}));
  EXPECT_EQ(decide({rule("r", Effect::require_approval, yes)}), (Decision{Effect::deny, {"no_rule_allows"}}));
  EXPECT_EQ(decide({rule("a", Effect::allow, yes)}), (Decision{Effect::allow, {}, {"a"}}));
}

TEST(EvaluateTest, TheStrongestEffectWins) {
  const auto allow = rule("a", Effect::allow, yes);
  const auto approve = rule("r", Effect::require_approval, yes);
  const auto escalate = rule("e", Effect::escalate, yes);
  const auto deny = rule("d", Effect::deny, yes);
  EXPECT_EQ(decide({allow, approve}), (Decision{Effect::require_approval, {"approval_required"}, {"r"}}));
  EXPECT_EQ(decide({approve, escalate, allow}), (Decision{Effect::escalate, {"escalated_by_policy"}, {"e"}}));
  EXPECT_EQ(decide({escalate, deny, approve, allow}), (Decision{Effect::deny, {"denied_by_policy"}, {"d"}}));
  EXPECT_EQ(decide({deny}), (Decision{Effect::deny, {"denied_by_policy"}, {"d"}}));
}

TEST(EvaluateTest, WhatIsUnknownRestrictsAllTheSame) {
  const auto allow = rule("a", Effect::allow, yes);
  EXPECT_EQ(decide({allow, rule("r", Effect::require_approval, unknown)}).effect, Effect::require_approval);
  EXPECT_EQ(decide({allow, rule("e", Effect::escalate, unknown)}), (Decision{Effect::escalate, {"escalated_by_policy"}, {"e"}}));
  EXPECT_EQ(decide({allow, rule("d", Effect::deny, unknown)}), (Decision{Effect::escalate, {"needs_evidence"}, {"d"}}));
  EXPECT_EQ(decide({allow, rule("d", Effect::deny, unknown), rule("e", Effect::escalate, yes)}),
            (Decision{Effect::escalate, {"escalated_by_policy", "needs_evidence"}, {"e", "d"}}));
  EXPECT_EQ(decide({rule("d", Effect::deny, unknown)}), (Decision{Effect::deny, {"no_rule_allows", "needs_evidence"}, {"d"}}));
  EXPECT_EQ(decide({allow, rule("r", Effect::require_approval, no), rule("e", Effect::escalate, no), rule("d", Effect::deny, no)}).effect,
            Effect::allow);
}

TEST(EvaluateTest, ARuleIsAboutTheToolsItNames) {
  const std::vector<Rule> rules{rule("a", Effect::allow, yes, {"issue_refund", "send_reply"}), rule("d", Effect::deny, yes, {"send_reply"}),
                                rule("r", Effect::require_approval, yes, {"*"})};
  EXPECT_EQ(decide(rules, {.tool = "issue_refund"}).effect, Effect::require_approval);
  EXPECT_EQ(decide(rules, {.tool = "send_reply"}).effect, Effect::deny);
  EXPECT_EQ(decide(rules, {.tool = "other"}), (Decision{Effect::deny, {"no_rule_allows"}}));
  EXPECT_EQ(decide(rules, {.tool = "*"}), (Decision{Effect::deny, {"no_rule_allows"}}));
  EXPECT_EQ(decide(rules, {.tool = ""}).effect, Effect::deny);
}

TEST(EvaluateTest, AnAllowForEveryToolAllowsNothing) {
  const std::vector<Rule> rules{rule("a", Effect::allow, yes, {"*"}), rule("b", Effect::require_approval, no, {"issue_refund"})};
  EXPECT_EQ(decide(rules).codes, std::vector<std::string>{"no_rule_allows"});
  EXPECT_EQ(decide(rules, {.tool = "other"}).effect, Effect::deny);
}

TEST(EvaluateTest, TheRulesOfAllPoliciesAddUp) {
  const Policy first = policy_of({rule("a", Effect::allow, yes)});
  const Policy second = policy_of({rule("d", Effect::deny, yes)});
  EXPECT_EQ(evaluate({&first}, {.tool = "issue_refund"}).effect, Effect::allow);
  EXPECT_EQ(evaluate({&first, &second}, {.tool = "issue_refund"}).effect, Effect::deny);
}

Expression order(std::string_view at) { return evidence("lookup_order", {same("/id", "/order_id")}, at); }

Facts refund(std::int64_t cents) {
  Facts facts{.tool = "issue_refund"};
  facts.named = {{"amount", {Money{cents, "EUR"}}}, {"requester.id", {"c1", domain::Origin::verified_field}}};
  facts.arguments = Value::Object{{"order_id", "ord-1"}, {"amount", Money{cents, "EUR"}}};
  facts.argument_origins = {{"/order_id", domain::Origin::verified_field}};
  facts.evidence = {{"lookup_order",
                     Value::Object{{"id", "ord-1"}},
                     Value::Object{{"customer_id", "c1"}, {"captured", Money{5000, "EUR"}}},
                     domain::Origin::system_of_record,
                     {pointer("/customer_id"), pointer("/captured"), pointer("/refunded")}}};
  return facts;
}

std::vector<Rule> refund_rules() {
  return {rule("own-orders", Effect::deny, ne(order("/customer_id"), fact("requester.id"))),
          rule("not-more-than-paid", Effect::deny, gt(fact("amount"), order("/captured"))),
          rule("large", Effect::require_approval, gt(fact("amount"), literal(Money{2500, "EUR"}))),
          rule("refunds", Effect::allow, ge(fact("amount"), literal(Money{1, "EUR"})))};
}

TEST(EvaluateTest, LeansForAnAllowOnlyOnTrustedPartsOfEvidence) {
  auto facts = refund(2500);
  facts.evidence[0].result = Value::Object{{"customer_id", "c1"}, {"captured", Money{5000, "EUR"}}, {"remark", "vip"}};
  const auto rule = [](const char* id, Condition when, Effect effect) {
    return Rule{.id = id, .sentence = "s", .citation = "c", .tools = {"issue_refund"}, .when = std::move(when), .effect = effect};
  };
  const auto remark = [] { return eq(order("/remark"), literal("vip")); };
  const Policy by_remark{.tenant = "acme", .name = "p", .rules = {rule("vip", remark(), Effect::allow)}};
  EXPECT_EQ(evaluate({&by_remark}, facts).effect, Effect::deny);
  const Policy without_remark{.tenant = "acme", .name = "p", .rules = {rule("plain", negation(present(order("/remark"))), Effect::allow)}};
  EXPECT_EQ(evaluate({&without_remark}, facts).effect, Effect::deny);
  const Policy careful{
      .tenant = "acme",
      .name = "p",
      .rules = {rule("own", eq(order("/customer_id"), literal("c1")), Effect::allow), rule("vip", remark(), Effect::escalate)}};
  EXPECT_EQ(evaluate({&careful}, facts).effect, Effect::escalate);
}

TEST(EvaluateTest, DecidesRefundsAsTheHandbookSays) {
  EXPECT_EQ(decide(refund_rules(), refund(2500)).effect, Effect::allow);
  EXPECT_EQ(decide(refund_rules(), refund(2501)).effect, Effect::require_approval);
  EXPECT_EQ(decide(refund_rules(), refund(5001)).rules, std::vector<std::string>{"not-more-than-paid"});
  EXPECT_EQ(decide(refund_rules(), refund(0)).effect, Effect::deny);
  EXPECT_EQ(decide(refund_rules(), refund(-1)).effect, Effect::deny);
  auto strangers = refund(2500);
  strangers.named["requester.id"].value = "c2";
  EXPECT_EQ(decide(refund_rules(), strangers).rules, std::vector<std::string>{"own-orders"});
  auto dollars = refund(2500);
  dollars.named["amount"].value = Money{2500, "USD"};
  EXPECT_EQ(decide(refund_rules(), dollars).effect, Effect::deny);
}

TEST(EvaluateTest, NamesTheReadThatWouldSettleADenial) {
  auto facts = refund(2500);
  facts.evidence.clear();
  const auto decision = decide(refund_rules(), facts);
  EXPECT_EQ(decision.effect, Effect::escalate);
  EXPECT_THAT(decision.codes, ElementsAre("needs_evidence"));
  EXPECT_THAT(decision.rules, ElementsAre("own-orders", "not-more-than-paid"));
  EXPECT_THAT(decision.needs_evidence, ElementsAre(EvidenceNeed{"lookup_order", {{"/id", "ord-1"}}}));
  facts.arguments = Value::Object{};
  EXPECT_THAT(decide(refund_rules(), facts).needs_evidence, IsEmpty());
}

TEST(EvaluateTest, ASureDenialAsksForNothing) {
  auto rules = refund_rules();
  rules.push_back(rule("closed", Effect::deny, yes));
  auto facts = refund(2500);
  facts.evidence.clear();
  EXPECT_EQ(decide(rules, facts), (Decision{Effect::deny, {"denied_by_policy"}, {"closed"}}));
}

TEST(ExplainTest, ShowsRulesValuesAndWhatIsUnknown) {
  const Policy policy = policy_of(refund_rules());
  auto facts = refund(3000);
  const auto explained = explain({&policy}, facts);
  EXPECT_EQ(explained.decision, evaluate({&policy}, facts));
  ASSERT_EQ(explained.rules.size(), 4u);
  EXPECT_EQ(explained.rules[0].truth, Truth::no);
  EXPECT_TRUE(explained.rules[2].matches && explained.rules[3].matches);
  ASSERT_EQ(explained.values.size(), 4u);  // each once
  EXPECT_EQ(explained.values[0].what, "evidence lookup_order /customer_id");
  EXPECT_EQ(explained.values[0].origin, domain::Origin::system_of_record);
  EXPECT_EQ(explained.values[1].what, "fact requester.id");
  EXPECT_EQ(explained.values[1].origin, domain::Origin::verified_field);
  facts.evidence.clear();
  const auto without = explain({&policy}, facts);
  EXPECT_THAT(without.rules[0].unknown, ElementsAre("evidence lookup_order /customer_id"));
  EXPECT_EQ(without.rules[0].truth, Truth::unknown);
  EXPECT_TRUE(without.rules[0].matches);
  EXPECT_FALSE(without.values[0].value || without.values[0].origin);
}

TEST(ExplainTest, TellsWhereArgumentsAndTicketFieldsCameFrom) {
  const Policy policy = policy_of({rule("a", Effect::allow, eq(argument("/order_id"), ticket("/fields/order_id"))),
                                   rule("b", Effect::deny, present(argument("/note")))});
  auto facts = refund(1);
  facts.ticket = Value::Object{{"fields", Value::Object{{"order_id", "ord-1"}}}};
  const auto explained = explain({&policy}, facts);
  ASSERT_EQ(explained.values.size(), 3u);
  EXPECT_EQ(explained.values[0].origin, domain::Origin::verified_field);
  EXPECT_EQ(explained.values[1].origin, domain::Origin::customer_text);
  EXPECT_FALSE(explained.values[2].value);
}

// How much a decision permits: what is escalated or denied is not done at all.
int permission(const Decision& decision) {
  return decision.effect == Effect::allow ? 2 : decision.effect == Effect::require_approval ? 1 : 0;
}

// Writes conditions, rules and facts that are small enough to meet often.
class Dice {
 public:
  explicit Dice(unsigned seed) : random_(seed) {}

  std::size_t below(std::size_t n) { return random_() % n; }

  Value value() {
    switch (below(5)) {
      case 0:
        return static_cast<int>(below(3));
      case 1:
        return Money{static_cast<int>(below(3)), below(4) ? "EUR" : "USD"};
      case 2:
        return below(2) == 0;
      case 3:
        return nullptr;
      default:
        return below(2) ? "x" : "y";
    }
  }

  Expression expression(int levels) {
    static const std::array<const char*, 3> places{"/a", "/b", "/c"};
    switch (below(levels > 0 ? 7 : 5)) {
      case 0:
        return fact(std::string(1, static_cast<char>('p' + below(3))));
      case 1:
        return argument(places[below(3)]);
      case 2:
        return evidence(below(2) ? "read_one" : "read_two", {same("/id", places[below(3)])}, places[below(3)]);
      case 3:
        return ticket(places[below(3)]);
      case 4:
        return literal(value());
      case 5:
        return sum({expression(levels - 1), expression(levels - 1)});
      default:
        return difference({expression(levels - 1), expression(levels - 1)});
    }
  }

  Condition condition(int levels) {
    if (levels > 0 && below(2)) {
      switch (below(3)) {
        case 0:
          return all({condition(levels - 1), condition(levels - 1)});
        case 1:
          return any({condition(levels - 1), condition(levels - 1)});
        default:
          return negation(condition(levels - 1));
      }
    }
    switch (below(5)) {
      case 0:
        return in(expression(1), {value(), value()});
      case 1:
        return is_true(expression(0));
      case 2:
        return present(expression(1));
      case 3:
        return always();
      default:
        return compare(static_cast<Condition::Kind>(static_cast<int>(Condition::Kind::eq) + static_cast<int>(below(6))), expression(1),
                       expression(1));
    }
  }

  Rule any_rule(Effect effect) { return rule("r" + std::to_string(random_()), effect, condition(3), {below(4) ? "act" : "other"}); }
  Effect restriction() { return static_cast<Effect>(1 + below(3)); }

  std::vector<Rule> rules() {
    std::vector<Rule> rules{any_rule(Effect::allow), any_rule(Effect::allow)};
    for (auto n = below(4); n > 0; --n) rules.push_back(any_rule(restriction()));
    return rules;
  }

  // With a `usual` value in half of the places, so that actions and evidence often speak of the same record.
  Value object(const Value& usual = {}) {
    Value::Object members;
    for (const char* name : {"a", "b", "c"})
      if (below(4)) members.emplace(name, usual.null() || below(2) ? value() : usual);
    return members;
  }

  // At most one piece of evidence per tool and target, as for a record that was read once.
  Facts facts() {
    Facts facts{.tool = "act"};
    for (const char* name : {"p", "q", "r"})
      if (below(4)) facts.named.emplace(name, Fact{value()});
    facts.arguments = object("x");
    facts.ticket = object();
    for (const char* tool : {"read_one", "read_two"})
      for (const Value& id : {Value("x"), Value("y"), Value(1)})
        if (below(2))
          facts.evidence.push_back({tool, Value::Object{{"id", id}}, object(), domain::Origin::system_of_record, {pointer("")}});
    return facts;
  }

 private:
  std::mt19937 random_;
};

TEST(EvaluatePropertyTest, ARestrictingRuleNeverWidens) {
  Dice dice{1};
  for (int i = 0; i < 2'000; ++i) {
    auto rules = dice.rules();
    const auto facts = dice.facts();
    const auto before = decide(rules, facts);
    rules.push_back(dice.any_rule(dice.restriction()));
    ASSERT_LE(permission(decide(rules, facts)), permission(before)) << "seed 1, round " << i;
  }
}

TEST(EvaluatePropertyTest, LessEvidenceNeverWidens) {
  Dice dice{2};
  int narrowed = 0;
  for (int i = 0; i < 3'000; ++i) {
    const Policy policy = policy_of(dice.rules());
    auto facts = dice.facts();
    const CompiledPolicy compiled({&policy});
    int before = permission(compiled.evaluate(facts));
    while (!facts.evidence.empty()) {
      facts.evidence.erase(facts.evidence.begin() + static_cast<std::ptrdiff_t>(dice.below(facts.evidence.size())));
      const int after = permission(compiled.evaluate(facts));
      ASSERT_LE(after, before) << "seed 2, round " << i;
      narrowed += after < before;
      before = after;
    }
  }
  EXPECT_GT(narrowed, 10);  // the dice do meet the case
}

TEST(EvaluatePropertyTest, FewerNamedFactsNeverWiden) {
  Dice dice{3};
  for (int i = 0; i < 3'000; ++i) {
    const Policy policy = policy_of(dice.rules());
    auto facts = dice.facts();
    const CompiledPolicy compiled({&policy});
    const int before = permission(compiled.evaluate(facts));
    if (facts.named.empty()) continue;
    facts.named.erase(facts.named.begin());
    ASSERT_LE(permission(compiled.evaluate(facts)), before) << "seed 3, round " << i;
  }
}

TEST(EvaluatePropertyTest, AllowAlwaysNamesARuleThatIsTrue) {
  Dice dice{4};
  for (int i = 0; i < 2'000; ++i) {
    const Policy policy = policy_of(dice.rules());
    const auto facts = dice.facts();
    const CompiledPolicy compiled({&policy});
    const auto decision = compiled.evaluate(facts);
    ASSERT_EQ(decision, compiled.evaluate(facts));
    bool allowed = false;
    for (const auto& verdict : compiled.judge_rules(facts)) {
      ASSERT_EQ(verdict.truth, truth_of(verdict.rule->when, facts));  // sharing slots changes nothing
      allowed |= verdict.rule->effect == Effect::allow && verdict.truth == Truth::yes;
      if (decision.effect == Effect::allow) {
        ASSERT_TRUE(verdict.rule->effect == Effect::allow || verdict.truth == Truth::no);
      }
    }
    if (decision.effect != Effect::deny) {
      ASSERT_TRUE(allowed);
    }
  }
}

}  // namespace
}  // namespace countersign::policy
