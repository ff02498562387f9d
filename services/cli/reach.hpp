#pragma once

// Reach: how this command gets to the database and to Kafka. Both as an operator: the role that owns the schemas, and a Kafka user who may
// administer the cluster.

#include <string>
#include <utility>
#include <vector>

#include "messaging/kafka/kafka_settings.hpp"
#include "postgres/session.hpp"

namespace countersign::cli {

struct Reach {
  std::string database = "host=127.0.0.1 dbname=countersign";
  std::string database_password_file{};
  std::string kafka_bootstrap = "127.0.0.1:9092";
  std::vector<std::string> kafka_set{};  // name=value
  std::string kafka_password_file{};
};

// A session, or the reason in one line that names what to set. Throws base::Unavailable and base::Misconfigured.
postgres::Session open_database(const postgres::ConnectionSettings& settings);
// `search_path`: a service's schema, for statements that do not name one.
postgres::ConnectionSettings database_settings(const Reach& reach, const std::string& search_path = {});
// Throws Misused for a pair without '='.
messaging::KafkaSettings kafka_settings(const Reach& reach);

}  // namespace countersign::cli
