#include "catalog/tool_manifest.hpp"

#include <gtest/gtest.h>

#include "catalog/argument_schema.hpp"
#include "catalog/tests/documents.hpp"

namespace countersign::catalog {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

ToolManifest refund() { return parse_tool_manifest(testing::document("tool", "issue_refund")).value(); }

std::string mistakes_of(const json& body) {
  const auto parsed = parse_tool_manifest(testing::document_of(body));
  return parsed ? "" : parsed.error().detail;
}

TEST(ToolManifest, HasEveryMemberOfItsDocument) {
  const auto manifest = refund();
  EXPECT_EQ(manifest.name, "issue_refund");
  EXPECT_EQ(manifest.version, 2);
  EXPECT_EQ(manifest.digest.size(), 64U);
  EXPECT_EQ(manifest.risk, domain::RiskClass::money);
  EXPECT_EQ(manifest.amount->text(), "/amount");
  EXPECT_EQ(manifest.target.front().text(), "/order_id");
  EXPECT_EQ(manifest.operation->window, std::chrono::hours{24 * 365});
  EXPECT_EQ(manifest.timeout, milliseconds{5000});
  EXPECT_EQ(manifest.retry.attempts, 3);
  EXPECT_EQ(manifest.idempotency, domain::Idempotency::key_header);
  EXPECT_EQ(manifest.key_header, "Idempotency-Key");
  EXPECT_EQ(manifest.reconcile->settle, milliseconds{2000});
  EXPECT_EQ(manifest.origins.at("/amount"), (std::vector{domain::Origin::system_of_record, domain::Origin::constant}));
}

TEST(ToolManifest, KnowsSuccessAndTrust) {
  const auto manifest = refund();
  EXPECT_TRUE(manifest.succeeded(201));
  EXPECT_FALSE(manifest.succeeded(204));
  EXPECT_TRUE(manifest.trusts_result("/refund_id"));
  EXPECT_TRUE(manifest.trusts_result("/refund_id/x"));
  EXPECT_FALSE(manifest.trusts_result("/refund_id_of_customer"));
  EXPECT_FALSE(manifest.trusts_result(""));
}

TEST(ToolManifest, AdmitsArgumentsOfItsSchemaOnly) {
  const auto manifest = refund();
  const json good{{"order_id", "4711"}, {"amount", {{"minor", "100"}, {"currency", "EUR"}}}, {"reason", "late"}};
  EXPECT_TRUE(manifest.arguments.check(good));
  EXPECT_FALSE(manifest.arguments.check(testing::changed(good, "/reason", "because")));
  EXPECT_FALSE(manifest.arguments.check(testing::changed(good, "/sudo", true)));
}

TEST(ToolManifest, ListsEveryMistakeAtOnce) {
  auto body = testing::example("tool", "issue_refund");
  body.erase("operation");
  body.erase("idempotency");
  body["origins"].erase("/reason");
  body["connector"]["url"] = "http://payments.example.com/{customer}";
  const auto mistakes = mistakes_of(body);
  for (const char* part : {"needs operation", "needs idempotency", "/reason", "plain http", "customer"})
    EXPECT_NE(mistakes.find(part), std::string::npos) << part << " in: " << mistakes;
}

TEST(ToolManifest, KeepsItsSecretsWithItsOrigin) {
  EXPECT_NE(mistakes_of(testing::changed(testing::example("tool", "issue_refund"), "/reconcile/url", "http://127.0.0.1:9999/x")), "");
}

TEST(HarmlessPattern, IsARowOfClasses) {
  for (const char* pattern : {"^[a-z]+$", "^[A-Z]{3}-[0-9]{1,6}$", "abc", "^[^()|]*$", "\\d{4}", ""}) {
    const bool has_group = std::string(pattern).find_first_of("()|") != std::string::npos;
    EXPECT_EQ(harmless_pattern(pattern), !has_group) << pattern;
  }
  for (const char* pattern : {"(a+)+", "a|b", "a*b*c*", "[a-z]+[a-z]+[a-z]+", "(?=a)", "\\1", "a{1,99999999}"})
    EXPECT_FALSE(harmless_pattern(pattern)) << pattern;
}

TEST(ToolManifest, SaysHowItIsPreviewed) {
  const auto manifest = parse_tool_manifest(testing::document("tool", "refund_with_preview")).value();
  ASSERT_TRUE(manifest.preview);
  EXPECT_EQ(manifest.preview->method, "GET");
  EXPECT_EQ(manifest.preview->before.text(), "/order/refunded");
  EXPECT_EQ(manifest.preview->preconditions.size(), 2U);
  EXPECT_EQ(manifest.preview->note->text(), "/note");
  EXPECT_EQ(*manifest.rollback_note, "Ask payments to charge again; possible for 30 days.");
  EXPECT_FALSE(refund().preview);
}

TEST(ToolManifest, MayBeAMessage) {
  const auto manifest = parse_tool_manifest(testing::document("tool", "send_email")).value();
  EXPECT_EQ(manifest.connector_kind, ConnectorKind::message);
  ASSERT_TRUE(manifest.message);
  EXPECT_EQ(manifest.message->mailbox, "support");
  EXPECT_EQ(manifest.message->template_name.text(), "/template");
  EXPECT_EQ(manifest.deliver_within, std::chrono::hours{24});
  auto patient = testing::example("tool", "send_email");
  patient.erase("deliver_within_ms");
  EXPECT_EQ(parse_tool_manifest(testing::document_of(patient))->deliver_within, std::chrono::hours{72});
}

}  // namespace
}  // namespace countersign::catalog
