// Handoffs on a real database, with the log in memory.

#include "approval/handoff_desk.hpp"
#include "approval/tests/service_scene.hpp"
#include "contracts/codec.hpp"

namespace countersign::approval {
namespace {

using nlohmann::json;

const std::vector<std::string> configuration{
    R"({"kind":"tenant","name":"acme","version":1,"display_name":"Acme"})",
    R"({"kind":"tenant","name":"globex","version":1,"display_name":"Globex"})",
    R"({"kind":"realm","name":"main","version":1,"tenants":["acme"],"trust":{"requester":"authenticated","verified_fields":[]}})",
    R"({"kind":"realm","name":"beta","version":1,"tenants":["acme","globex"],"trust":{"requester":"unverified","verified_fields":[]}})",
    R"({"kind":"realm","name":"gamma","version":1,"tenants":["globex"],"trust":{"requester":"unverified","verified_fields":[]}})"};

contracts::ReferralHandoff referral(const std::string& priority, std::int64_t run = 1, const std::string& tenant = "acme") {
  contracts::ReferralHandoff message;
  message.tenant = tenant;
  message.ticket_id = "T-1";
  message.run = run;
  message.reason = "no_playbook";
  message.codes = {"no_playbook"};
  message.priority = priority;
  message.summary = "Nobody knew what to do.";
  message.effects = {{run, 1, "issue_refund", "unknown", std::nullopt, std::nullopt, std::nullopt}};
  return message;
}

class HandoffTest : public ::testing::Test {
 protected:
  HandoffTest() { lab.configure(configuration); }

  void refer(const contracts::ReferralHandoff& message) { refer_text(message.tenant, contracts::encode(message)); }
  void refer_text(const std::string& tenant, const std::string& data) {
    lab.send({.topic = "referrals",
              .key = tenant + "/T-1",
              .type = "referral.handoff",
              .data = data,
              .id = testing::id_number(static_cast<int>(referred) + 1).str(),
              .sequence = ++referred});
    lab.run(service.referrals, 1);
  }
  std::int64_t count(const char* name, const std::string& from) { return lab.number(name, "SELECT count(*) FROM " + from); }

  foundation::testing::ServiceLab lab{territory(), testing::topics(), {"tenant", "realm"}};
  testing::Scene scene;
  testing::Service service{lab, scene};
  std::int64_t referred = 0;
};

TEST_F(HandoffTest, OpensAHandoffAndTellsTheRealm) {
  refer(referral("normal"));
  const auto told = lab.sent("handoffs");
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0]["reason"], "no_playbook");
  EXPECT_EQ(told[0]["priority"], "normal");
  EXPECT_EQ(told[0]["effects"][0]["state"], "unknown");
  EXPECT_EQ(count("kept", "handoff WHERE state = 'open' AND handoff_id = '" + told[0]["handoff_id"].get<std::string>() + "'"), 1);
  EXPECT_EQ(count("history", "handoff_history WHERE old_state IS NULL AND new_state = 'open' AND outbox_id IS NOT NULL"), 1);
  EXPECT_EQ(count("audit", "audit.entry WHERE event = 'handoff_opened' AND actor = 'countersign_approval'"), 1);
}

TEST_F(HandoffTest, AddsASecondReferralToTheOpenHandoff) {
  refer(referral("normal"));
  auto second = referral("urgent", 2);
  second.reason = "effect_unknown";
  second.codes = {"effect_unknown"};
  refer(second);
  EXPECT_EQ(lab.sent("handoffs").size(), 1u);
  EXPECT_EQ(
      count("one", "handoff WHERE priority = 'urgent' AND reason = 'no_playbook' AND codes = '{no_playbook,effect_unknown}' AND run = 2"),
      1);
  EXPECT_EQ(count("added", "handoff_history WHERE old_state = 'open' AND reason = 'effect_unknown' AND outbox_id IS NULL"), 1);
}

TEST_F(HandoffTest, NeverLowersThePriority) {
  refer(referral("high"));
  refer(referral("low"));
  EXPECT_EQ(count("high", "handoff WHERE priority = 'high'"), 1);
}

TEST_F(HandoffTest, OpensAnotherHandoffOnceTheFirstIsResolved) {
  refer(referral("normal"));
  lab.admin().execute_script("UPDATE handoff SET state = 'resolved'");
  refer(referral("normal"));
  EXPECT_EQ(lab.sent("handoffs").size(), 2u);
  EXPECT_EQ(count("open", "handoff WHERE state = 'open'"), 1);
}

TEST_F(HandoffTest, TellsTheFirstRealmOfATenantThatMainDoesNotCarry) {
  refer(referral("normal", 1, "globex"));
  EXPECT_EQ(lab.sent("handoffs.beta", "globex/T-1").size(), 1u);
  EXPECT_TRUE(lab.sent("handoffs", "globex/T-1").empty());
  EXPECT_TRUE(lab.sent("handoffs.gamma", "globex/T-1").empty());
}

TEST_F(HandoffTest, KeepsTheHandoffOfATenantThatNoRealmCarries) {
  refer(referral("normal", 1, "initech"));
  EXPECT_EQ(count("kept", "handoff WHERE tenant_id = 'initech'"), 1);
  EXPECT_TRUE(lab.broker().messages("handoffs").empty());
}

TEST_F(HandoffTest, GivesATicketToPeopleWhenTheReferralCannotBeRead) {
  refer_text("acme", R"({"tenant":"acme","ticket_id":"T-1"})");
  EXPECT_EQ(lab.dead(), "member_missing ");
  EXPECT_EQ(count("open", "handoff WHERE reason = 'referral_unreadable' AND priority = 'high'"), 1);
  EXPECT_EQ(lab.sent("handoffs").size(), 1u);
}

TEST_F(HandoffTest, BelievesTheKeyAndNotTheBody) {
  refer_text("acme", contracts::encode(referral("normal", 1, "globex")));
  EXPECT_EQ(lab.dead(), "tenant_contradicts_key ");
  EXPECT_EQ(count("open", "handoff WHERE tenant_id = 'acme' AND reason = 'referral_unreadable'"), 1);
}

}  // namespace
}  // namespace countersign::approval
