#include "cli/command_set.hpp"

#include <CLI/CLI.hpp>

namespace countersign::cli {

namespace {

void add_database(CLI::App& command, Reach& reach) {
  command.add_option("--database", reach.database, "PostgreSQL connection string, without the password")
      ->envname("COUNTERSIGN_DATABASE")
      ->capture_default_str();
  command.add_option("--database-password-file", reach.database_password_file, "File whose first line is the database password")
      ->envname("COUNTERSIGN_DATABASE_PASSWORD_FILE");
}

void add_kafka(CLI::App& command, Reach& reach) {
  command.add_option("--kafka-bootstrap", reach.kafka_bootstrap, "Kafka brokers to ask first, as host:port,host:port")
      ->envname("COUNTERSIGN_KAFKA_BOOTSTRAP")
      ->capture_default_str();
  command.add_option("--kafka-set", reach.kafka_set, "A librdkafka setting as name=value; repeatable, in the environment separated by ';'")
      ->envname("COUNTERSIGN_KAFKA_SET")
      ->delimiter(';');
  command.add_option("--kafka-password-file", reach.kafka_password_file, "File with the password of the Kafka user")
      ->envname("COUNTERSIGN_KAFKA_PASSWORD_FILE");
}

}  // namespace

CLI::App& CommandSet::add(CLI::App& parent, const std::string& name, const std::string& sentence, Needs needs, Run run) {
  CLI::App& command = *parent.add_subcommand(name, sentence);
  command.add_flag("--json", json_, "One JSON document instead of text");
  Reach& reach = reaches_.emplace_back();
  if (needs == Needs::database || needs == Needs::both) add_database(command, reach);
  if (needs == Needs::kafka || needs == Needs::both) add_kafka(command, reach);
  command.callback(
      [this, &reach, run = std::move(run)] { chosen_ = [&reach, &run](const Console& console) { return run(reach, console); }; });
  return command;
}

CLI::App& add_group(CLI::App& app, const std::string& name, const std::string& sentence) {
  CLI::App& group = *app.add_subcommand(name, sentence);
  group.require_subcommand(1);
  return group;
}

void add_tenant(CLI::App& command, std::string& tenant) { command.add_option("--tenant", tenant, "Only this tenant's"); }

void add_limit(CLI::App& command, std::int64_t& limit, const std::string& order) {
  command.add_option("--limit", limit, "At most so many, " + order + " first")->check(CLI::Range(1, 100000))->capture_default_str();
}

void add_environment(CLI::App& command, std::string& environment) {
  command.add_option("--environment", environment, "Name of the deployment that is to believe the signature")
      ->envname("COUNTERSIGN_ENVIRONMENT");
}

}  // namespace countersign::cli
