#include "cli/command_set.hpp"

#include <CLI/CLI.hpp>

namespace countersign::cli {

namespace {

std::string not_negative(const std::string& text) {
  double value = -1;
  return CLI::detail::lexical_cast(text, value) && value >= 0 && value < 1e9 ? "" : "must be a number from 0 on, not '" + text + "'";
}

}  // namespace

void add_site_commands(CLI::App& app, CommandSet& set) {
  auto& migrate_ = set.add(app, "migrate", "Create the services' roles and bring the database's schemas up to date", Needs::database,
                           [&](const Reach& reach, const Console& console) { return migrate(reach, set.migrate, console); });
  migrate_
      .add_option("--passwords", set.migrate.passwords, "Folder with a file per service, named after it, that holds its role's password")
      ->envname("COUNTERSIGN_PASSWORDS");
  migrate_.add_flag("--dry-run", set.migrate.dry_run, "Only say which migrations would be applied");

  auto& topics = add_group(app, "topics", "Kafka topics and who may use them");
  auto& create = set.add(topics, "create", "Create every topic and grant of the fleet; returns when the grants are in force", Needs::both,
                         [&](const Reach& reach, const Console& console) { return create_topics(reach, set.topics, console); });
  create.add_option("--realm", set.topics.realms, "A realm; repeatable. Without it: those of the active configuration, else main");
  create.add_option("--partitions", set.topics.partitions, "Partitions of each topic")->check(CLI::Range(1, 1000))->capture_default_str();
  create.add_option("--replicas", set.topics.replicas, "Replicas of each partition; -1: the brokers' default")->capture_default_str();

  auto& apply_ = set.add(app, "apply", "Apply the configuration documents of a folder, all or nothing; audited as `bootstrap`",
                         Needs::database, [&](const Reach& reach, const Console& console) { return apply(reach, set.apply, console); });
  apply_.add_option("DIR", set.apply.folder, "Folder with *.json documents")->required();
  apply_.add_flag("--check", set.apply.check_only, "Only the checks that need no database");

  auto& publish_ = set.add(app, "publish", "Publish ticket events from a file of JSON lines", Needs::kafka,
                           [&](const Reach& reach, const Console& console) { return publish(reach, set.publish, console); });
  publish_
      .add_option(
          "FILE", set.publish.file,
          "One event a line: {\"type\", \"tenant\", \"ticket_id\", …}, optionally \"id\", \"source\", \"time\"; '-': standard input")
      ->required();
  publish_.add_option("--realm", set.publish.realm, "Realm whose tickets topic is written")->capture_default_str();
  publish_.add_option("--source", set.publish.source, "ce_source of events that name none")->default_val("urn:countersign:cli");
  publish_.add_option("--rate", set.publish.rate, "Events per second; 0: as fast as they are taken")->check(not_negative);
  publish_.add_flag("--unchecked", set.publish.unchecked, "Send lines whose data their schema does not admit");
}

}  // namespace countersign::cli
