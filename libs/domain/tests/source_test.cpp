#include "domain/source.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "domain/arguments.hpp"

namespace countersign::domain {
namespace {

using base::Money;

// A ticket, the evidence of one step and some constants, each with an origin.
SourceReader reader() {
  static const Value ticket =
      Value::Object{{"fields", Value::Object{{"order_id", "ord-1"}, {"note", "free text"}, {"none", nullptr}}}, {"n", 4}};
  static const Value order = Value::Object{
      {"captured", Money{5000, "EUR"}}, {"refunded", Money{1500, "EUR"}}, {"fee", Money{1, "USD"}}, {"lines", Value::List{7}}};
  const auto look = [](const Value& document, const Pointer& pointer, Origin origin) -> base::Result<Sourced> {
    const Value* value = find_at(document, pointer);
    if (value == nullptr) return base::refuse("source_absent", pointer.text());
    return Sourced{*value, origin};
  };
  return {.ticket =
              [=](const Pointer& p) {
                return look(ticket, p, p.text() == "/fields/order_id" ? Origin::verified_field : Origin::customer_text);
              },
          .evidence =
              [=](const std::string& step, const Pointer& p) {
                return step == "order" ? look(order, p, Origin::system_of_record)
                                       : base::Result<Sourced>(base::refuse("source_absent", step));
              },
          .constant = [](const std::string& id) -> base::Result<Sourced> {
            if (id == "goodwill_cap") return Sourced{Money{2500, "EUR"}, Origin::constant};
            return base::refuse("source_absent", id);
          }};
}

base::Result<Sourced> follow(std::string_view text) {
  const auto source = parse_source(text);
  if (!source) return tl::unexpected(source.error());
  return evaluate(*source, reader());
}

TEST(SourceTest, FollowsEachKindOfSource) {
  EXPECT_EQ(follow("ticket:/fields/order_id")->value, Value("ord-1"));
  EXPECT_EQ(follow("ticket:/fields/order_id")->origin, Origin::verified_field);
  EXPECT_EQ(follow("evidence:order#/captured")->value, Value(Money{5000, "EUR"}));
  EXPECT_EQ(follow("evidence:order#/lines/0")->value, Value(7));
  EXPECT_EQ(follow("constant:goodwill_cap")->origin, Origin::constant);
}

TEST(SourceTest, ADerivedValueHasTheWorstOriginOfItsInputs) {
  const auto refundable = follow("derived:difference(evidence:order#/captured, evidence:order#/refunded)");
  EXPECT_EQ(refundable->value, Value(Money{3500, "EUR"}));
  EXPECT_EQ(refundable->origin, Origin::system_of_record);
  const auto capped = follow("derived:min(constant:goodwill_cap,derived:difference(evidence:order#/captured,evidence:order#/refunded))");
  EXPECT_EQ(capped->value, Value(Money{2500, "EUR"}));
  EXPECT_EQ(capped->origin, Origin::constant);
  EXPECT_EQ(follow("derived:sum(ticket:/n,evidence:order#/lines/0)")->origin, Origin::customer_text);
  EXPECT_EQ(follow("derived:max(ticket:/n,evidence:order#/lines/0)")->value, Value(7));
}

TEST(SourceTest, RefusesWhatIsNotThere) {
  for (const char* text : {"ticket:/fields/absent", "ticket:/fields/none", "evidence:other#/captured", "constant:other",
                           "derived:sum(ticket:/n,ticket:/absent)"})
    EXPECT_EQ(follow(text).error().code, "source_absent") << text;
}

TEST(SourceTest, RefusesSumsThatMakeNoSense) {
  EXPECT_EQ(follow("derived:sum(evidence:order#/captured,evidence:order#/fee)").error().code, "currency_mismatch");
  EXPECT_EQ(follow("derived:sum(evidence:order#/captured,ticket:/n)").error().code, "type_mismatch");
  EXPECT_EQ(follow("derived:min(ticket:/fields/note)").error().code, "type_mismatch");
}

TEST(SourceTest, RefusesWhatIsNoSource) {
  const std::string deep = "derived:sum(derived:sum(derived:sum(derived:sum(derived:sum(ticket:/n)))))";
  std::string wide = "derived:sum(ticket:/n";
  for (int i = 1; i <= most_source_inputs; ++i) wide += ",ticket:/n";
  for (const std::string& text : {std::string(),
                                  std::string("ticket"),
                                  std::string("ticket:"),
                                  std::string("ticket:fields"),
                                  std::string("ticket:/a~"),
                                  std::string(" ticket:/a"),
                                  std::string("TICKET:/a"),
                                  std::string("evidence:order"),
                                  std::string("evidence:#/a"),
                                  std::string("evidence:Order#/a"),
                                  std::string("evidence:9#/a"),
                                  std::string("evidence:order#"),
                                  std::string("evidence:../x#/a"),
                                  std::string("constant:"),
                                  std::string("constant:a b"),
                                  std::string("constant:a/b"),
                                  std::string("derived:"),
                                  std::string("derived:sum"),
                                  std::string("derived:sum()"),
                                  std::string("derived:sum(ticket:/n"),
                                  std::string("derived:sum(ticket:/n,)"),
                                  std::string("derived:sum(ticket:/n))"),
                                  std::string("derived:product(ticket:/n)"),
                                  std::string("derived:difference(ticket:/n)"),
                                  std::string("derived:sum(ticket:/a(b)"),
                                  std::string("derived:sum(ticket:/n) "),
                                  std::string("model:/x"),
                                  std::string("http://x/"),
                                  deep,
                                  wide + ")",
                                  "ticket:/" + std::string(1100, 'a')}) {
    const auto source = parse_source(text);
    ASSERT_FALSE(source) << text;
    EXPECT_EQ(source.error().code, "source_invalid");
  }
}

TEST(SourceTest, TakesTheLargestSourceThatIsAllowed) {
  EXPECT_TRUE(parse_source("derived:sum(derived:sum(derived:sum(derived:sum(ticket:/n))))"));
  std::string wide = "derived:sum(ticket:/n";
  for (int i = 1; i < most_source_inputs; ++i) wide += ", ticket:/n";
  EXPECT_TRUE(parse_source(wide + ")"));
}

TEST(SourceTest, WritesATextThatParsesBack) {
  for (const char* text :
       {"ticket:/a~1b,c)", "evidence:order#/x y", "constant:a.b@1", "derived:min(constant:a,derived:sum(ticket:/n,ticket:/m))"})
    EXPECT_EQ(to_text(*parse_source(text)), text);
}

TEST(SourceTest, SurvivesAnyTextAndNeverReadsOneInTwoWays) {
  std::mt19937 random{20240501};
  const std::vector<std::string> pieces{"ticket:", "evidence:", "derived:", "constant:", "sum", "min", "difference", "(",     ")",
                                        ",",       "#",         "/",        "~0",        "~",   "a",   " ",          "order", "\x01"};
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (auto n = random() % 12; n > 0; --n) text += pieces[random() % pieces.size()];
    const auto source = parse_source(text);
    if (source) {
      EXPECT_EQ(to_text(*parse_source(to_text(*source))), to_text(*source)) << text;
    }
  }
}

Value from(std::string source) { return Value::Object{{"$from", std::move(source)}}; }
Value from(std::string source, Value value) { return Value::Object{{"$from", std::move(source)}, {"$value", std::move(value)}}; }

TEST(ArgumentsTest, PutsWhatTheSourceSaysInThePlaceOfTheReference) {
  const Value proposed = Value::Object{{"order_id", from("ticket:/fields/order_id")},
                                       {"amount", from("constant:goodwill_cap", Money{2500, "EUR"})},
                                       {"lines", Value::List{from("evidence:order#/lines/0"), 8}},
                                       {"reason", "damaged"},
                                       {"extra", Value::Object{}}};
  const auto resolved = resolve_arguments(proposed, reader());
  ASSERT_TRUE(resolved) << resolved.error().detail;
  EXPECT_EQ(resolved->arguments, Value(Value::Object{{"order_id", "ord-1"},
                                                     {"amount", Money{2500, "EUR"}},
                                                     {"lines", Value::List{7, 8}},
                                                     {"reason", "damaged"},
                                                     {"extra", Value::Object{}}}));
  EXPECT_EQ(resolved->origins, (OriginMap{{"/order_id", Origin::verified_field},
                                          {"/amount", Origin::constant},
                                          {"/lines/0", Origin::system_of_record},
                                          {"/lines/1", Origin::model},
                                          {"/reason", Origin::model},
                                          {"/extra", Origin::model}}));
}

TEST(ArgumentsTest, AnActionMayHaveNoArguments) { EXPECT_TRUE(resolve_arguments(Value::Object{}, reader())->origins.empty()); }

TEST(ArgumentsTest, RefusesAClaimThatTheSourceDoesNotBearOut) {
  for (const Value& claimed : {Value("ord-2"), Value("ord-"), Value("ORD-1"), Value(1), Value(), Value(Value::List{"ord-1"})})
    EXPECT_EQ(resolve_arguments(Value::Object{{"order_id", from("ticket:/fields/order_id", claimed)}}, reader()).error().code,
              "source_contradicted");
  EXPECT_EQ(resolve_arguments(Value::Object{{"n", from("ticket:/n", "4")}}, reader()).error().code, "source_contradicted");
}

TEST(ArgumentsTest, RefusesWhatLooksLikeAReferenceAndIsNone) {
  for (const Value& leaf :
       {Value(Value::Object{{"$from", "ticket:/n"}, {"x", 1}}), Value(Value::Object{{"$from", 1}}), Value(Value::Object{{"$value", 1}}),
        Value(Value::Object{{"$from", "ticket:/n"}, {"$value", 4}, {"x", 1}}), Value(Value::Object{{"$ref", "x"}})})
    EXPECT_EQ(resolve_arguments(Value::Object{{"a", leaf}}, reader()).error().code, "arguments_invalid");
  EXPECT_EQ(resolve_arguments(from("ticket:/fields"), reader()).error().code, "arguments_invalid");
  EXPECT_EQ(resolve_arguments(Value::List{}, reader()).error().code, "arguments_invalid");
  Value deep = 1;
  for (int i = 0; i < 30; ++i) deep = Value::List{std::move(deep)};
  EXPECT_EQ(resolve_arguments(Value::Object{{"a", deep}}, reader()).error().code, "arguments_invalid");
}

TEST(ArgumentsTest, TellsWhichEvidenceMustBeReadFirst) {
  const Value proposed = Value::Object{
      {"a", from("derived:sum(evidence:order#/x,evidence:credit#/x)")}, {"b", from("evidence:order#/y")}, {"c", from("ticket:/n")}};
  EXPECT_THAT(*evidence_steps_of(proposed), testing::ElementsAre("order", "credit"));
  EXPECT_EQ(evidence_steps_of(Value::Object{{"a", from("nonsense")}}).error().code, "source_invalid");
}

}  // namespace
}  // namespace countersign::domain
