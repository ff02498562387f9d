#include "runtime/service_settings.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>

namespace countersign::runtime {
namespace {

std::string plain_name(const std::string& value) {
  const bool plain = !value.empty() && value.size() <= 63 && std::all_of(value.begin(), value.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
  });
  return plain ? "" : "have 1 to 63 letters, digits, '-', '_' or '.'";
}

std::string absent_or_folder(const std::string& value) {
  std::error_code ignored;
  return value.empty() || std::filesystem::is_directory(value, ignored) ? "" : "be the path of a folder that exists";
}

bool kafka_secret_given(const ServiceSettings& of) {
  return std::any_of(of.kafka_set.begin(), of.kafka_set.end(), [](const auto& pair) { return carries_secret(pair.first + "=x"); });
}

}  // namespace

void declare_service_settings(Settings& settings, ServiceSettings& into, const std::string& service) {
  using namespace std::chrono_literals;
  using telemetry::Level;
  into.service = service;
  settings.text(into.instance, "instance", "Name of this replica; stable across restarts, different from every other.", service + "-0",
                plain_name);
  settings.choice<Level>(into.log_level, "log-level", "Least level that is logged.", "info",
                         {{"debug", Level::debug}, {"info", Level::info}, {"warning", Level::warning}, {"error", Level::error}});

  settings.text(into.database, "database", "PostgreSQL connection string, without the password.", "host=127.0.0.1 dbname=countersign",
                not_empty);
  settings.secret_file(into.database_password_file, "database-password-file", "File whose first line is the database password.");
  settings.integer(into.database_sessions, "database-sessions", "Most database sessions shared by requests and small loops.", 4, 1, 64);

  settings.text(into.kafka_bootstrap, "kafka-bootstrap", "Kafka brokers to ask first, as host:port,host:port.", "127.0.0.1:9092",
                not_empty);
  settings.pairs(into.kafka_set, "kafka-set", "A librdkafka setting, such as security.protocol=sasl_ssl.");
  settings.secret_file(into.kafka_password_file, "kafka-password-file", "File with the password of the Kafka user (sasl.password).");
  settings.integer(into.max_batch_rows, "max-batch-rows", "Most messages in one transaction.", 500, 1, 10'000);

  settings.text(into.admin_address, "admin-address", "Address of /livez, /readyz, /startupz and /metrics.", "127.0.0.1", not_empty);
  settings.integer(into.admin_port, "admin-port", "Port of the admin address; 0 takes a free one.", 0, 0, 65535);
  settings.text(into.admin_port_file, "admin-port-file", "File that gets the admin port once it is open.", "");
  settings.duration(into.stop_deadline, "stop-deadline", "Time to finish or abandon work after SIGTERM.", 10s, 100ms, 10min);
  settings.text(into.secrets_dir, "secrets-dir", "Folder with one file per named secret.", "", absent_or_folder);

  // Flags can be read by every user of the machine.
  settings.relation([&settings, &into] {
    return carries_secret(into.database) && settings.source("database") == Source::flag
               ? "--database carries a password, which every user of this machine can read; use --database-password-file"
               : "";
  });
  settings.relation([&into] {
    return carries_secret(into.database) && !into.database_password_file.empty()
               ? "the database password is given twice: in --database and in --database-password-file"
               : "";
  });
  settings.relation([&settings, &into] {
    return kafka_secret_given(into) && settings.source("kafka-set") == Source::flag
               ? "--kafka-set carries a password, which every user of this machine can read; use --kafka-password-file"
               : "";
  });
}

}  // namespace countersign::runtime
