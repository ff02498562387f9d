#include "cli/topic_map.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace countersign::cli {
namespace {

using messaging::Grant;
using messaging::Operation;

std::set<std::string> writers_of(const std::string& topic, const std::vector<std::string>& realms) {
  std::set<std::string> users;
  for (const auto& grant : fleet_grants(fleet_topics(realms), realms))
    if (grant.name == topic && grant.operation == Operation::write) users.insert(grant.user);
  return users;
}

TEST(TopicMapTest, GivesEachRealmItsOwnOutsiderTopics) {
  std::set<std::string> names;
  for (const auto& topic : fleet_topics({"main", "acme"})) names.insert(topic.name);
  EXPECT_TRUE(names.contains("tickets") && names.contains("tickets.acme") && names.contains("outcomes.acme"));
  EXPECT_TRUE(names.contains("plans") && !names.contains("plans.acme"));
  EXPECT_EQ(names.size(), 13u + 5u);
}

TEST(TopicMapTest, KeepsTheSourcesOfOneRealmOutOfAnother) {
  EXPECT_EQ(writers_of("tickets.acme", {"main", "acme"}), (std::set<std::string>{"upstream.acme", "gateway"}));
  EXPECT_EQ(writers_of("tickets", {"main", "acme"}), (std::set<std::string>{"upstream", "gateway"}));
}

TEST(TopicMapTest, LetsTheRelayWriteWhatServicesWriteButNeverDecisions) {
  for (const auto& rule : topic_rules()) {
    SCOPED_TRACE(rule.name);
    EXPECT_EQ(writers_of(rule.name, {"main"}).contains("relay"), rule.name != "decisions" && rule.name != "tickets");
  }
}

TEST(TopicMapTest, LeavesEachTopicBetweenServicesOneWriterBesideTheRelay) {
  for (const auto& name : {"plans", "steps", "referrals", "verdicts", "outcomes", "messages", "notices", "delivery-results"}) {
    SCOPED_TRACE(name);
    EXPECT_EQ(writers_of(name, {"main"}).size(), 2u);
  }
}

TEST(TopicMapTest, GivesDeadLettersRoomForAMessageOfTheLargestSizeAndItsReasons) {
  const auto topics = fleet_topics({"main"});
  const auto plans = topic_plans(topics, 4, -1);
  const auto size = [&](const std::string& name) {
    const auto found = std::find_if(plans.begin(), plans.end(), [&](const auto& plan) { return plan.name == name; });
    return std::stoll(found->config.at("max.message.bytes"));
  };
  EXPECT_GT(size("dead-letters"), size("tickets"));
}

TEST(TopicMapTest, LetsAServiceJoinOnlyItsOwnGroups) {
  const auto grants = fleet_grants(fleet_topics({"main"}), {"main"});
  for (const auto& grant : grants) {
    if (grant.resource != messaging::Resource::group) continue;
    SCOPED_TRACE(grant.user);
    EXPECT_TRUE(grant.prefixed);
    EXPECT_NE(grant.name.find(grant.user + "."), std::string::npos);
  }
}

}  // namespace
}  // namespace countersign::cli
