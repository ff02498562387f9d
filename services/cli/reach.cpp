#include "cli/reach.hpp"

namespace countersign::cli {

postgres::ConnectionSettings database_settings(const Reach& reach, const std::string& search_path) {
  postgres::ConnectionSettings settings;
  settings.conninfo = reach.database;
  settings.password_file = reach.database_password_file;
  settings.application_name = "countersign command line";
  settings.search_path = search_path;
  settings.statement_timeout = std::chrono::seconds{30};
  settings.idle_in_transaction_timeout = std::chrono::seconds{30};  // some commands ask Kafka in between
  settings.client_deadline = std::chrono::seconds{60};
  return settings;
}

messaging::KafkaSettings kafka_settings(const Reach& reach) {
  messaging::KafkaSettings settings;
  settings.bootstrap = reach.kafka_bootstrap;
  settings.password_file = reach.kafka_password_file;
  settings.request_deadline = std::chrono::seconds{10};
  for (const auto& pair : reach.kafka_set) {
    const auto sign = pair.find('=');
    if (sign == std::string::npos || sign == 0) throw base::Misconfigured("--kafka-set wants name=value, not '" + pair + "'");
    settings.extra[pair.substr(0, sign)] = pair.substr(sign + 1);
  }
  return settings;
}

}  // namespace countersign::cli
