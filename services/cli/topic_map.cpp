#include "cli/topic_map.hpp"

#include <algorithm>

namespace countersign::cli {

namespace {

using Names = std::vector<std::string>;

constexpr const char* largest_source_bytes = "1048588";
constexpr const char* largest_dead_letter_bytes = "2097152";  // an original of the largest size plus the headers that say why it is dead

const Names& outsiders() {
  static const Names all{"upstream", "issuer", "reviewer"};
  return all;
}

const Names& services() {
  static const Names all{"planner", "executor", "approval", "outbox"};
  return all;
}

bool contains(const Names& names, const std::string& name) { return std::find(names.begin(), names.end(), name) != names.end(); }

std::string user_in(const std::string& user, const std::string& realm) {
  return realm == "main" || !contains(outsiders(), user) ? user : user + "." + realm;
}

Names users_in(const Names& users, const std::string& realm) {
  Names named;
  for (const auto& user : users) named.push_back(user_in(user, realm));
  return named;
}

FleetTopic in_realm(const TopicRule& rule, const std::string& realm) {
  FleetTopic topic{&rule, realm_topic(rule.name, realm), realm, users_in(rule.writers, realm), users_in(rule.readers, realm)};
  if (rule.relayed) topic.writers.push_back("relay");
  return topic;
}

void append(std::vector<messaging::Grant>& to, const std::vector<messaging::Grant>& from) { to.insert(to.end(), from.begin(), from.end()); }

}  // namespace

const std::vector<TopicRule>& topic_rules() {
  static const std::vector<TopicRule> rules{
      {"tickets", true, {"upstream", "gateway"}, {"planner", "executor"}, false},
      {"plans", false, {"planner"}, {"executor"}},
      {"steps", false, {"executor"}, {"planner"}},
      {"referrals", false, {"executor"}, {"approval"}},
      {"approvals", true, {"approval"}, {"outbox", "reviewer"}},
      {"decisions", true, {"issuer", "reviewer"}, {"approval"}, false},
      {"verdicts", false, {"approval"}, {"executor"}},
      {"handoffs", true, {"approval"}, {"outbox", "reviewer"}},
      {"outcomes", true, {"executor"}, {"outbox", "upstream", "reviewer"}},
      {"messages", false, {"executor"}, {"outbox"}},
      {"notices", false, {"approval"}, {"outbox"}},
      {"delivery-results", false, {"outbox"}, {"executor"}},
      {"dead-letters", false, services(), {}},
  };
  return rules;
}

std::string realm_topic(const std::string& topic, const std::string& realm) { return realm == "main" ? topic : topic + "." + realm; }

std::vector<FleetTopic> fleet_topics(const std::vector<std::string>& realms) {
  std::vector<FleetTopic> topics;
  for (const auto& rule : topic_rules()) {
    if (!rule.per_realm)
      topics.push_back(in_realm(rule, "main"));
    else
      for (const auto& realm : realms) topics.push_back(in_realm(rule, realm));
  }
  return topics;
}

std::vector<messaging::TopicPlan> topic_plans(const std::vector<FleetTopic>& topics, std::int32_t partitions, std::int32_t replicas) {
  std::vector<messaging::TopicPlan> plans;
  for (const auto& topic : topics) {
    const bool dead = topic.rule->name == "dead-letters";
    plans.push_back({topic.name, partitions, replicas, {{"max.message.bytes", dead ? largest_dead_letter_bytes : largest_source_bytes}}});
  }
  return plans;
}

std::vector<messaging::Grant> fleet_grants(const std::vector<FleetTopic>& topics, const std::vector<std::string>& realms) {
  std::vector<messaging::Grant> grants;
  for (const auto& topic : topics) {
    for (const auto& user : topic.writers) append(grants, messaging::may_write(user, topic.name));
    for (const auto& user : topic.readers) append(grants, messaging::may_read(user, topic.name));
  }
  for (const auto& user : services()) append(grants, messaging::may_join(user, user + ".", true));
  for (const auto& realm : realms)
    for (const auto& user : {"upstream", "reviewer"})
      append(grants, messaging::may_join(user_in(user, realm), realm + "." + user + ".", true));
  std::sort(grants.begin(), grants.end());
  grants.erase(std::unique(grants.begin(), grants.end()), grants.end());
  return grants;
}

}  // namespace countersign::cli
