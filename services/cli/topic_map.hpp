#pragma once

// TopicMap: every topic of the fleet with its writers and readers, and the grants that follow from it.
//
// Topics that outsiders touch exist once per realm and have the realm's own outsiders: `upstream` and `reviewer` for main,
// `upstream.acme` for realm acme. Were they one user, a source of one realm could write into another.
//
// Users: planner, executor, approval, outbox (services) · relay (publishes what dead processes left) · gateway · upstream, issuer, reviewer
// (outsiders). Groups: a service joins SERVICE.…, an outsider REALM.USER.…

#include <cstdint>
#include <string>
#include <vector>

#include "messaging/admin.hpp"

namespace countersign::cli {

struct TopicRule {
  std::string name;  // without realm
  bool per_realm = false;
  std::vector<std::string> writers;
  std::vector<std::string> readers;
  bool relayed = true;  // `relay` may write it: a service of ours does
};

const std::vector<TopicRule>& topic_rules();

struct FleetTopic {
  const TopicRule* rule = nullptr;
  std::string name;  // with realm
  std::string realm;
  std::vector<std::string> writers;  // users
  std::vector<std::string> readers;
};

// `realms` holds names; main is not implied.
std::vector<FleetTopic> fleet_topics(const std::vector<std::string>& realms);
std::vector<messaging::TopicPlan> topic_plans(const std::vector<FleetTopic>& topics, std::int32_t partitions, std::int32_t replicas);
// Sorted, without repetition.
std::vector<messaging::Grant> fleet_grants(const std::vector<FleetTopic>& topics, const std::vector<std::string>& realms);

// `tickets` or `tickets.REALM`
std::string realm_topic(const std::string& topic, const std::string& realm);

}  // namespace countersign::cli
