#include "cli/reach.hpp"

#include <algorithm>

#include "base/errors.hpp"
#include "cli/exit_codes.hpp"

namespace countersign::cli {

namespace {

constexpr const char* where_to_set = "--database (COUNTERSIGN_DATABASE)";
constexpr const char* password_to_set = "--database-password-file (COUNTERSIGN_DATABASE_PASSWORD_FILE)";

// What libpq says of its own accord, without its questions and our hints for services.
std::string reason_in(std::string text) {
  for (const char* from : {"Is the server running", ". Hint:"}) text = text.substr(0, text.find(from));
  if (const auto colon = text.find("no connection to PostgreSQL: "); colon == 0) text = text.substr(29);
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\n' || c == '\t'; }, ' ');
  while (!text.empty() && (text.back() == ' ' || text.back() == '.')) text.pop_back();
  return text;
}

}  // namespace

postgres::Session open_database(const postgres::ConnectionSettings& settings) {
  try {
    return postgres::Session{settings};
  } catch (const base::Unavailable& error) {
    throw base::Unavailable("PostgreSQL does not answer: " + reason_in(error.what()) + "; set " + where_to_set);
  } catch (const base::Misconfigured& error) {
    throw base::Misconfigured("PostgreSQL refuses: " + reason_in(error.what()) + "; set " + where_to_set + " and " + password_to_set);
  }
}

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
    if (sign == std::string::npos || sign == 0) throw Misused("--kafka-set wants name=value, not '" + pair + "'");
    settings.extra[pair.substr(0, sign)] = pair.substr(sign + 1);
  }
  return settings;
}

}  // namespace countersign::cli
