#include <gtest/gtest.h>

#include "catalog/catalog.hpp"
#include "catalog/policy_document.hpp"
#include "catalog/tests/documents.hpp"

namespace countersign::catalog {
namespace {

using nlohmann::json;
using testing::changed;
using testing::document;
using testing::document_of;
using testing::example;

std::shared_ptr<const Snapshot> everything() {
  std::vector<Document> documents{document("tenant", "acme"),       document("tenant", "globex"),       document("realm", "main"),
                                  document("realm", "partner"),     document("constant", "refund_cap"), document("constant", "signature"),
                                  document("endpoint", "all"),      document("endpoint", "some"),       document("tool", "lookup_order"),
                                  document("tool", "issue_refund"), document("policy", "refunds"),      document("playbook", "refund"),
                                  document("playbook", "give_up")};
  auto own = changed(example("tool", "lookup_order"), "/tenant", "acme");
  documents.push_back(document_of(changed(own, "/version", 9)));
  return Snapshot::make(7, documents).value();
}

TEST(Snapshot, PrefersTheTenantsOwnTool) {
  const auto snapshot = everything();
  EXPECT_EQ(snapshot->find_tool("acme", "lookup_order")->version, 9);
  EXPECT_EQ(snapshot->find_tool("globex", "lookup_order")->version, 1);
  EXPECT_EQ(snapshot->find_tool("globex", "issue_refund"), nullptr);
  EXPECT_EQ(snapshot->find_tool("acme", "none"), nullptr);
}

TEST(Snapshot, KnowsRealmsByTopicAndTenant) {
  const auto snapshot = everything();
  EXPECT_EQ(snapshot->find_realm_of_topic("tickets")->name, "main");
  EXPECT_EQ(snapshot->find_realm_of_topic("tickets.partner")->name, "partner");
  EXPECT_EQ(snapshot->find_realm_of_topic("tickets.unknown"), nullptr);
  EXPECT_EQ(snapshot->find_realm("partner")->topic("tickets"), "tickets.partner");
  EXPECT_EQ(snapshot->find_realm("main")->topic("tickets"), "tickets");
  EXPECT_FALSE(snapshot->find_realm("main")->carries("globex"));
  EXPECT_TRUE(snapshot->find_realm("main")->verifies("/fields/order_id"));
  EXPECT_FALSE(snapshot->find_realm("main")->verifies("/fields/order_id_2"));
  EXPECT_FALSE(snapshot->find_realm("main")->verifies("/fields"));
}

TEST(Snapshot, KeepsTenantsApart) {
  const auto snapshot = everything();
  EXPECT_EQ(snapshot->endpoints("acme").size(), 2U);
  EXPECT_TRUE(snapshot->endpoints("globex").empty());
  EXPECT_NE(snapshot->policy("acme"), nullptr);
  EXPECT_EQ(snapshot->policy("globex"), nullptr);
  EXPECT_NE(snapshot->find_constant("acme", "refund_cap"), nullptr);
  EXPECT_EQ(snapshot->find_constant("globex", "refund_cap"), nullptr);
  EXPECT_NE(snapshot->find_constant("globex", "signature"), nullptr);
  EXPECT_EQ(snapshot->find_tenant("nobody"), nullptr);
}

TEST(Snapshot, OrdersPlaybooksByPriority) {
  const auto snapshot = everything();
  const auto playbooks = snapshot->playbooks("acme");
  ASSERT_EQ(playbooks.size(), 2U);
  EXPECT_EQ(playbooks[0]->label(), "refund@3");
  EXPECT_EQ(snapshot->playbooks("globex").size(), 1U);
  const contracts::Json ticket(json{{"text", "x"}, {"fields", {{"topic", "refund"}, {"order_id", "1"}}}});
  EXPECT_TRUE(matches(*playbooks[0], ticket));
  EXPECT_FALSE(matches(*playbooks[0], contracts::Json(json{{"fields", {{"topic", "refund"}}}})));
  EXPECT_FALSE(matches(*playbooks[0], contracts::Json(json{{"fields", {{"topic", "Refund"}, {"order_id", "1"}}}})));
}

TEST(Snapshot, IsNotMadeFromDocumentsThatDoNotParse) {
  auto broken = document("tool", "issue_refund");
  auto body = example("tool", "issue_refund");
  body.erase("amount");
  broken.body = contracts::Json(body);
  const auto snapshot = Snapshot::make(1, {document("tenant", "acme"), broken});
  ASSERT_FALSE(snapshot);
  EXPECT_EQ(snapshot.error().code, "configuration_unreadable");
  EXPECT_NE(snapshot.error().detail.find("issue_refund@2"), std::string::npos);
}

TEST(Endpoint, KnowsWhatItWants) {
  const auto some = parse_endpoint(document("endpoint", "some")).value();
  EXPECT_TRUE(some.wants("ticket.denied"));
  EXPECT_FALSE(some.wants("ticket.failed"));
  EXPECT_EQ(some.schedule.size(), 3U);
  const auto all = parse_endpoint(document("endpoint", "all")).value();
  EXPECT_TRUE(all.wants("ticket.failed"));
  EXPECT_EQ(all.schedule, default_schedule());
}

TEST(Snapshot, AddsUpATenantsFloors) {
  auto other = changed(example("floor", "acme"), "/name", "more");
  const auto snapshot = Snapshot::make(1, {document("floor", "acme"), document_of(other), document("floor", "everything")}).value();
  EXPECT_EQ(snapshot->floor("acme").demands.size(), 4U);
  EXPECT_EQ(snapshot->floor("acme").demands[1].id, "floor.floor.2");
  EXPECT_EQ(snapshot->floor("acme").demands[1].duties.expires_after_s, std::nullopt);
  EXPECT_EQ(snapshot->floor("acme").demands[0].duties.expires_after_s, 172800);
  EXPECT_EQ(snapshot->floor("globex").demands.front().tools, std::vector<std::string>{"*"});
  ASSERT_EQ(snapshot->floor("initech").demands.size(), 1U);  // the built-in one
  EXPECT_EQ(snapshot->floor("initech").demands.front().classes, std::vector{domain::RiskClass::irreversible});
}

TEST(Snapshot, KnowsPeopleTemplatesAndMailboxesOfATenant) {
  auto own = changed(example("template", "received"), "/tenant", "acme");
  const auto snapshot = Snapshot::make(1, {document("person", "ada"), document("person", "bob"), document("issuer", "helpdesk"),
                                           document("template", "received"), document_of(changed(own, "/version", 4)),
                                           document("mailbox", "support"), document("realm", "staff")})
                            .value();
  EXPECT_EQ(snapshot->people("acme").size(), 2U);
  EXPECT_EQ(snapshot->issuers("acme").size(), 1U);
  EXPECT_TRUE(snapshot->people("globex").empty());
  EXPECT_EQ(snapshot->find_template("acme", "received")->version, 4);
  EXPECT_EQ(snapshot->find_template("globex", "received")->version, 1);
  EXPECT_EQ(snapshot->find_mailbox("acme", "support")->smtp.port, 587);
  EXPECT_EQ(snapshot->find_mailbox("globex", "support"), nullptr);
  EXPECT_EQ(snapshot->mailboxes("acme").size(), 1U);
  EXPECT_TRUE(snapshot->find_realm("staff")->actor_authenticated);
}

TEST(PolicyDocument, HasDutiesAndConditionsOnLists) {
  const auto policy = parse_policy(document("policy", "approvals")).value();
  ASSERT_TRUE(policy.rules[1].duties);
  EXPECT_EQ(policy.rules[1].duties->roles, (std::vector<domain::RoleDuty>{{"finance", 1}, {"approver", 2}}));
  EXPECT_EQ(policy.rules[1].duties->quorum, 2);
  EXPECT_EQ(policy.rules[1].duties->expires_after_s, std::nullopt);
  EXPECT_FALSE(policy.rules[2].duties);
}

}  // namespace
}  // namespace countersign::catalog
