#include "contracts/schema_check.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "contracts/codec.hpp"

namespace countersign::contracts {
namespace {

using nlohmann::json;

TEST(SchemaSet, HasASchemaForEveryTypeAndItsId) {
  const auto& set = SchemaSet::of_messages();
  EXPECT_GE(set.names().size(), 21U);
  for (const auto& name : set.names()) {
    EXPECT_TRUE(known_type(name)) << name;
    EXPECT_EQ(json::parse(set.text(name)).at("$id"), schema_id(name));
  }
}

TEST(SchemaSet, TellsWhereAndWhy) {
  const auto result = SchemaSet::of_messages().check("ticket.closed", json{{"tenant", "a/b"}, {"ticket_id", 5}});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, "schema_violated");
  EXPECT_NE(result.error().detail.find("ticket_id"), std::string::npos) << result.error().detail;
  EXPECT_EQ(SchemaSet::of_messages().check("ticket.eaten", json::object()).error().code, "schema_unknown");
}

TEST(SchemaSet, SaysEachMistakeOnceAndOnlyWhereItIs) {
  const auto result = SchemaSet::of_messages().check(
      "ticket.opened",
      json{{"tenant", "acme"}, {"ticket_id", "T-1"}, {"requester", json::object()}, {"text", "x"}, {"fields", json::object()}});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().detail, "/requester: Missing required property 'id'.");
}

TEST(SchemaSet, SurvivesLongTextUnderAPattern) {
  const json closed{{"tenant", std::string(250'000, 'a')}, {"ticket_id", "T-1"}};
  EXPECT_FALSE(SchemaSet::of_messages().check("ticket.closed", closed));
}

TEST(SchemaSet, MayBeUsedByManyThreads) {
  std::vector<std::thread> threads;
  std::atomic<int> fine{0};
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&fine] {
      for (int n = 0; n < 50; ++n)
        fine += SchemaSet::of_messages().check("ticket.closed", json{{"tenant", "a"}, {"ticket_id", "T-1"}}).has_value();
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(fine, 200);
}

TEST(CompiledSchema, ChecksAndBoundsPatterns) {
  const auto schema = CompiledSchema::compile(json::parse(
      R"({"type":"object","properties":{"default":{"type":"string","pattern":"^[a-z]*$"},"pattern":{"type":"integer"}},"additionalProperties":false})"));
  ASSERT_TRUE(schema) << schema.error().detail;
  EXPECT_TRUE(schema->check(json{{"default", "abc"}, {"pattern", 1}}));
  EXPECT_FALSE(schema->check(json{{"default", "ABC"}}));
  EXPECT_FALSE(schema->check(json{{"default", std::string(200'000, 'a')}}));
  EXPECT_FALSE(schema->check(json{{"other", 1}}));
}

TEST(CompiledSchema, RefusesWhatItCannotPromise) {
  for (const char* text : {R"([])", R"({"$ref":"http://example.com/x"})", R"({"properties":{"a":{"$ref":"file:///etc/passwd"}}})",
                           R"({"format":"email"})", R"({"patternProperties":{"^a":{}}})", R"({"type":"thing"})",
                           R"({"pattern":"[","type":"string","maxLength":"x"})", R"({"$ref":"#/definitions/none"})"}) {
    const auto schema = CompiledSchema::compile(json::parse(text));
    EXPECT_FALSE(schema) << text;
  }
}

TEST(CompiledSchema, AdmitsNothingUntilItIsCompiled) { EXPECT_FALSE(CompiledSchema().check(json::object())); }

TEST(DecodeEdge, GivesTheStructOrTheReason) {
  const auto closed = decode_edge("ticket.closed", R"({"tenant":"acme","ticket_id":"T-1"})");
  ASSERT_TRUE(closed);
  EXPECT_EQ(ticket_of(*closed), "T-1");
  EXPECT_EQ(decode_edge("ticket.closed", R"({"tenant":"acme"})").error().code, "schema_violated");
  EXPECT_EQ(decode_edge("ticket.closed", "{").error().code, "json_malformed");
  EXPECT_EQ(decode_edge("ticket.closed.v2", "{}").error().code, "type_unknown");
}

}  // namespace
}  // namespace countersign::contracts
