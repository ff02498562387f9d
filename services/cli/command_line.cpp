#include "cli/command_line.hpp"

#include <CLI/CLI.hpp>
#include <functional>

#include "cli/apply.hpp"
#include "cli/doctor.hpp"
#include "cli/exit_codes.hpp"
#include "cli/listings.hpp"
#include "cli/migrate.hpp"
#include "cli/offsets.hpp"
#include "cli/publish.hpp"
#include "cli/runs.hpp"
#include "cli/sequences.hpp"
#include "cli/topics.hpp"

namespace countersign::cli {

namespace {

constexpr const char* footer =
    "\nEvery flag that reaches the database or Kafka has an environment twin COUNTERSIGN_…; the flag wins. Secrets come from files.\n"
    "\nExit codes: 0 well · 1 the answer is no: a check failed, nothing was found or changed · 64 misused · 65 an input file is wrong ·\n"
    "69 database or Kafka did not answer · 78 a setting, password or grant is wrong";

// All flags of all commands, and the command that was chosen.
struct Wishes {
  bool json = false;
  Reach reach;
  MigrateWish migrate;
  TopicsWish topics;
  ApplyWish apply;
  OffsetsRepairWish repair;
  OffsetsAdoptWish adopt;
  SequencesPassWish pass;
  PublishWish publish;
  RunsWish runs;
  HandoffsWish handoffs;
  DeadLettersWish dead_letters;
  std::function<int(const Console&)> chosen;
};

void add_json(CLI::App& app, Wishes& wishes) { app.add_flag("--json", wishes.json, "One JSON document instead of text"); }

void add_database(CLI::App& app, Reach& reach) {
  app.add_option("--database", reach.database, "PostgreSQL connection string, without the password")
      ->envname("COUNTERSIGN_DATABASE")
      ->default_str("host=127.0.0.1 dbname=countersign");
  app.add_option("--database-password-file", reach.database_password_file, "File whose first line is the database password")
      ->envname("COUNTERSIGN_DATABASE_PASSWORD_FILE");
}

void add_kafka(CLI::App& app, Reach& reach) {
  app.add_option("--kafka-bootstrap", reach.kafka_bootstrap, "Kafka brokers to ask first, as host:port,host:port")
      ->envname("COUNTERSIGN_KAFKA_BOOTSTRAP")
      ->default_str("127.0.0.1:9092");
  app.add_option("--kafka-set", reach.kafka_set, "A librdkafka setting as name=value; repeatable, in the environment separated by ';'")
      ->envname("COUNTERSIGN_KAFKA_SET")
      ->delimiter(';');
  app.add_option("--kafka-password-file", reach.kafka_password_file, "File with the password of the Kafka user")
      ->envname("COUNTERSIGN_KAFKA_PASSWORD_FILE");
}

CLI::App& add_command(CLI::App& parent, Wishes& wishes, const std::string& name, const std::string& sentence,
                      std::function<int(const Console&)> run) {
  CLI::App& command = *parent.add_subcommand(name, sentence);
  add_json(command, wishes);
  command.callback([&wishes, run = std::move(run)] { wishes.chosen = run; });
  return command;
}

void add_site_commands(CLI::App& app, Wishes& wishes) {
  auto& migrate_ = add_command(app, wishes, "migrate", "Create the services' roles and bring the database's schemas up to date",
                               [&](const Console& console) { return migrate(wishes.reach, wishes.migrate, console); });
  add_database(migrate_, wishes.reach);
  migrate_
      .add_option("--passwords", wishes.migrate.passwords, "Folder with a file per service, named after it, that holds its role's password")
      ->envname("COUNTERSIGN_PASSWORDS");
  migrate_.add_flag("--dry-run", wishes.migrate.dry_run, "Only say which migrations would be applied");

  auto& topics = *app.add_subcommand("topics", "Kafka topics and who may use them");
  topics.require_subcommand(1);
  auto& create = add_command(topics, wishes, "create", "Create every topic and grant of the fleet; returns when the grants are in force",
                             [&](const Console& console) { return create_topics(wishes.reach, wishes.topics, console); });
  add_database(create, wishes.reach);
  add_kafka(create, wishes.reach);
  create.add_option("--realm", wishes.topics.realms, "A realm; repeatable. Without it: those of the active configuration, else main");
  create.add_option("--partitions", wishes.topics.partitions, "Partitions of each topic")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  create.add_option("--replicas", wishes.topics.replicas, "Replicas of each partition; -1: the brokers' default")->capture_default_str();

  auto& apply_ = add_command(app, wishes, "apply", "Apply the configuration documents of a folder, all or nothing; audited as `bootstrap`",
                             [&](const Console& console) { return apply(wishes.reach, wishes.apply, console); });
  add_database(apply_, wishes.reach);
  apply_.add_option("DIR", wishes.apply.folder, "Folder with *.json documents")->required();
  apply_.add_flag("--check", wishes.apply.check_only, "Only the checks that need no database");

  auto& publish_ = add_command(app, wishes, "publish", "Publish ticket events from a file of JSON lines",
                               [&](const Console& console) { return publish(wishes.reach, wishes.publish, console); });
  add_kafka(publish_, wishes.reach);
  publish_
      .add_option(
          "FILE", wishes.publish.file,
          "One event a line: {\"type\", \"tenant\", \"ticket_id\", …}, optionally \"id\", \"source\", \"time\"; '-': standard input")
      ->required();
  publish_.add_option("--realm", wishes.publish.realm, "Realm whose tickets topic is written")->capture_default_str();
  publish_.add_option("--source", wishes.publish.source, "ce_source of events that name none")->default_val("urn:countersign:cli");
  publish_.add_option("--rate", wishes.publish.rate, "Events per second; 0: as fast as they are taken")->check(CLI::NonNegativeNumber);
  publish_.add_flag("--unchecked", wishes.publish.unchecked, "Send lines whose data their schema does not admit");
}

void add_looking_commands(CLI::App& app, Wishes& wishes) {
  auto& runs = add_command(app, wishes, "runs", "Runs of tickets, or everything about one",
                           [&](const Console& console) { return show_runs(wishes.reach, wishes.runs, console); });
  add_database(runs, wishes.reach);
  runs.add_option("ID", wishes.runs.id, "tenant/ticket (its last run) or tenant/ticket/run");
  runs.add_option("--tenant", wishes.runs.tenant, "Only this tenant's");
  runs.add_option("--stop-reason", wishes.runs.stop_reason, "Only those that stopped for it");
  runs.add_option("--limit", wishes.runs.limit, "At most so many, newest first")->check(CLI::Range(1, 100000))->capture_default_str();
  runs.add_flag("--watch", wishes.runs.watch, "Go on showing what changes; with ID until the run has stopped");

  auto& handoffs = add_command(app, wishes, "handoffs", "Tickets that were given to people",
                               [&](const Console& console) { return list_handoffs(wishes.reach, wishes.handoffs, console); });
  add_database(handoffs, wishes.reach);
  handoffs.add_option("--tenant", wishes.handoffs.tenant, "Only this tenant's");
  handoffs.add_flag("--all", wishes.handoffs.all, "Also those that are over");
  handoffs.add_option("--limit", wishes.handoffs.limit, "At most so many, most urgent first")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();

  auto& letters = add_command(app, wishes, "dead-letters", "Messages and deliveries that were set aside, and why",
                              [&](const Console& console) { return list_dead_letters(wishes.reach, wishes.dead_letters, console); });
  add_database(letters, wishes.reach);
  letters.add_option("--service", wishes.dead_letters.service, "Only messages that this service set aside");
  letters.add_option("--tenant", wishes.dead_letters.tenant, "Only this tenant's");
  letters.add_option("--limit", wishes.dead_letters.limit, "At most so many, newest first")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();

  auto& doctor =
      add_command(app, wishes, "doctor", "Check database, roles, schema, brokers, topics, grants, clock, configuration and leases",
                  [&](const Console& console) { return examine(wishes.reach, console); });
  add_database(doctor, wishes.reach);
  add_kafka(doctor, wishes.reach);
}

void add_offsets_commands(CLI::App& app, Wishes& wishes) {
  auto& offsets = *app.add_subcommand("offsets", "Where services stand in their topics");
  offsets.require_subcommand(1);
  auto& repair = add_command(offsets, wishes, "repair", "Move a service's place in one partition; shows first what that skips or repeats",
                             [&](const Console& console) { return repair_offset(wishes.reach, wishes.repair, console); });
  add_database(repair, wishes.reach);
  add_kafka(repair, wishes.reach);
  repair.add_option("--service", wishes.repair.service, "Service whose place is moved")->required();
  repair.add_option("--topic", wishes.repair.topic, "Topic, with its realm")->required();
  repair.add_option("--partition", wishes.repair.partition, "Partition")->required()->check(CLI::NonNegativeNumber);
  repair.add_option("--to", wishes.repair.to, "low, high, or the offset of the next message to read")->required();
  repair.add_flag("--yes", wishes.repair.yes, "Do it; without it nothing is changed");
  repair.footer(
      "Skipped messages are never read. Where they carried sequences, their keys then wait behind a gap until `sequences pass`. Messages "
      "that\n"
      "are read again and were applied before are dropped as duplicates. The change is audited.");

  auto& adopt = add_command(offsets, wishes, "adopt", "Give a service that begins to read a topic late its first place in every partition",
                            [&](const Console& console) { return adopt_offsets(wishes.reach, wishes.adopt, console); });
  add_database(adopt, wishes.reach);
  add_kafka(adopt, wishes.reach);
  adopt.add_option("--service", wishes.adopt.service, "Service that begins to read")->required();
  adopt.add_option("--topic", wishes.adopt.topic, "Topic, without realm; all realms are adopted")->required();
  adopt.footer(
      "It begins at the oldest message there is, and for each key the first sequence found there is accepted. Refused when the service has "
      "a\n"
      "place in any of the partitions already. The change is audited. Run it before the service is started.");
}

void add_sequences_command(CLI::App& app, Wishes& wishes) {
  auto& sequences = *app.add_subcommand("sequences", "Messages that services wait for");
  sequences.require_subcommand(1);
  auto& pass = add_command(sequences, wishes, "pass", "Give up messages of one key that never came; opens a handoff",
                           [&](const Console& console) { return pass_sequences(wishes.reach, wishes.pass, console); });
  add_database(pass, wishes.reach);
  pass.add_option("KEY", wishes.pass.key, "tenant/ticket")->required();
  pass.add_option("--topic", wishes.pass.topic, "Topic in which the gap is, without realm")->required();
  pass.add_option("--service", wishes.pass.service, "Service that waits")->required();
  pass.add_option("--to", wishes.pass.to, "Sequence to apply next; without it: the first that is parked")->check(CLI::PositiveNumber);
  pass.footer(
      "The service's counter moves past the gap and what was parked is applied within seconds. Nobody knows what the lost messages said, "
      "so\n"
      "that people are told: in the same transaction a referral.handoff is put into the executor's outbox, because only the executor "
      "refers\n"
      "matters to people; the outbox service relays it and approval opens the handoff. The change is audited.");
}

int fail(int code, const std::string& text, const Console& console) {
  console.warn(text);
  return code;
}

int run_guarded(const Wishes& wishes) {
  const Console console{wishes.json};
  try {
    return wishes.chosen(console);
  } catch (const base::Misconfigured& error) {
    return fail(exit_misconfigured, error.what(), console);
  } catch (const base::Unavailable& error) {
    return fail(exit_unavailable, error.what(), console);
  } catch (const base::Conflict& error) {
    return fail(exit_unavailable, std::string(error.what()) + " (try again)", console);
  } catch (const std::exception& error) {
    return fail(exit_not_well, error.what(), console);
  }
}

}  // namespace

int run_command_line(int argc, const char* const* argv) {
  CLI::App app{"countersign: operate a fleet: prepare its database and topics, configure it, look at it, mend it.", "countersign"};
  app.footer(footer);
  app.require_subcommand(1);
  Wishes wishes;
  wishes.reach.database = "host=127.0.0.1 dbname=countersign";
  wishes.reach.kafka_bootstrap = "127.0.0.1:9092";
  add_site_commands(app, wishes);
  add_looking_commands(app, wishes);
  add_offsets_commands(app, wishes);
  add_sequences_command(app, wishes);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? exit_well : exit_misused;
  }
  return run_guarded(wishes);
}

}  // namespace countersign::cli
