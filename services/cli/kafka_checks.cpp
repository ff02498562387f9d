#include "cli/kafka_checks.hpp"

#include <algorithm>
#include <exception>
#include <iterator>

#include "cli/topic_map.hpp"
#include "messaging/kafka/kafka_admin.hpp"
#include "messaging/kafka/kafka_broker.hpp"

namespace countersign::cli {

namespace {

using messaging::Grant;

constexpr std::size_t most_named = 5;

std::string text_of(const Grant& grant) {
  const char* operation = grant.operation == messaging::Operation::read    ? "read"
                          : grant.operation == messaging::Operation::write ? "write"
                                                                           : "describe";
  return grant.user + " " + operation + " " + grant.name + (grant.prefixed ? "*" : "");
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), most_named); ++i) text += (i == 0 ? "" : ", ") + names[i];
  return names.size() > most_named ? text + " and " + std::to_string(names.size() - most_named) + " more" : text;
}

std::vector<std::string> texts_of(const std::vector<Grant>& grants) {
  std::vector<std::string> texts;
  for (const auto& grant : grants) texts.push_back(text_of(grant));
  return texts;
}

void check_topics(const std::vector<std::string>& existing, const std::vector<FleetTopic>& topics, Examination& examination) {
  std::vector<std::string> missing;
  for (const auto& topic : topics)
    if (std::find(existing.begin(), existing.end(), topic.name) == existing.end()) missing.push_back(topic.name);
  if (missing.empty())
    examination.well("topics", count_of(static_cast<std::int64_t>(topics.size()), "topic is", "topics are") + " there");
  else
    examination.ill("topics", "missing: " + listed(missing), "countersign topics create");
}

bool concerns(const Grant& grant, const std::vector<FleetTopic>& topics) {
  if (grant.resource != messaging::Resource::topic) return false;
  return std::any_of(topics.begin(), topics.end(), [&](const FleetTopic& topic) {
    return grant.name == topic.name || grant.name == "*" || (grant.prefixed && topic.name.starts_with(grant.name));
  });
}

void check_grants(const std::vector<Grant>& in_force, const std::vector<FleetTopic>& topics, const std::vector<std::string>& realms,
                  Examination& examination) {
  const auto planned = fleet_grants(topics, realms);
  std::vector<Grant> missing, surplus;
  std::set_difference(planned.begin(), planned.end(), in_force.begin(), in_force.end(), std::back_inserter(missing));
  std::set_difference(in_force.begin(), in_force.end(), planned.begin(), planned.end(), std::back_inserter(surplus));
  std::erase_if(surplus, [&](const Grant& grant) { return !concerns(grant, topics); });
  if (!missing.empty()) examination.ill("grants", "missing: " + listed(texts_of(missing)), "countersign topics create");
  const bool writes =
      std::any_of(surplus.begin(), surplus.end(), [](const Grant& one) { return one.operation == messaging::Operation::write; });
  const std::string mend = "remove them with kafka-acls.sh --remove, unless you know why they are there";
  if (writes)
    examination.ill("grants", "more than planned: " + listed(texts_of(surplus)), mend);
  else if (!surplus.empty())
    examination.doubtful("grants", "more than planned: " + listed(texts_of(surplus)), mend);
  if (missing.empty() && surplus.empty()) examination.well("grants", std::to_string(planned.size()) + " are in force, and no others");
}

}  // namespace

void check_kafka(const Reach& reach, const std::vector<std::string>& realms, Examination& examination) {
  const auto topics = fleet_topics(realms);
  try {
    messaging::KafkaBroker broker{kafka_settings(reach)};
    const auto existing = broker.list_topics("");
    examination.well("broker", reach.kafka_bootstrap + " answers");
    check_topics(existing, topics, examination);
  } catch (const std::exception& error) {
    return examination.ill("broker", error.what(), "see --kafka-bootstrap, --kafka-set and --kafka-password-file (COUNTERSIGN_KAFKA_…)");
  }
  try {
    messaging::KafkaAdmin admin{kafka_settings(reach)};
    check_grants(admin.grants(), topics, realms, examination);
  } catch (const std::exception& error) {
    examination.doubtful("grants", error.what(), "run doctor as a user who may list grants");
  }
}

}  // namespace countersign::cli
