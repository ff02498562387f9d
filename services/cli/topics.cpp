#include "cli/topics.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "catalog/catalog.hpp"
#include "cli/exit_codes.hpp"
#include "cli/topic_map.hpp"
#include "messaging/kafka/kafka_admin.hpp"

namespace countersign::cli {

namespace {

using nlohmann::json;

std::vector<std::string> wanted_realms(const Reach& reach, const TopicsWish& wish) {
  if (!wish.realms.empty()) return wish.realms;
  auto session = open_database(database_settings(reach));
  return active_realms(session);
}

json row_of(const FleetTopic& topic, const messaging::TopicOutcome& outcome) {
  return {{"topic", topic.name},
          {"partitions", outcome.partitions},
          {"state", !outcome.mismatch.empty() ? "differs"
                    : outcome.created         ? "created"
                                              : "present"},
          {"writers", topic.writers},
          {"readers", topic.readers}};
}

}  // namespace

std::vector<std::string> active_realms(postgres::Session& session) {
  catalog::Catalog catalog({"tenant", "realm"});
  if (const auto loaded = catalog.refresh(session); !loaded) throw base::Misconfigured(loaded.error().detail);
  std::vector<std::string> names;
  if (const auto snapshot = catalog.current())
    for (const auto& [name, realm] : snapshot->realms()) names.push_back(name);
  if (names.empty()) names.emplace_back("main");
  return names;
}

int create_topics(const Reach& reach, const TopicsWish& wish, const Console& console) {
  const auto realms = wanted_realms(reach, wish);
  const auto topics = fleet_topics(realms);
  const auto grants = fleet_grants(topics, realms);
  messaging::KafkaAdmin admin{kafka_settings(reach)};
  const auto outcomes = admin.create_topics(topic_plans(topics, wish.partitions, wish.replicas));
  admin.create_grants(grants);

  std::vector<json> rows;
  bool as_planned = true;
  for (std::size_t i = 0; i < topics.size(); ++i) {
    rows.push_back(row_of(topics[i], outcomes[i]));
    if (outcomes[i].mismatch.empty()) continue;
    as_planned = false;
    console.warn(outcomes[i].mismatch);
  }
  console.give({{"realms", realms}, {"topics", rows}, {"grants", grants.size()}});
  console.table({"topic", "partitions", "state", "writers", "readers"}, rows, "");
  console.say(count_of(static_cast<std::int64_t>(grants.size()), "grant is", "grants are") + " in force.");
  return as_planned ? exit_well : exit_not_well;
}

}  // namespace countersign::cli
