#include "cli/command_set.hpp"

#include <CLI/CLI.hpp>

namespace countersign::cli {

namespace {

void add_offsets_commands(CLI::App& app, CommandSet& set) {
  auto& offsets = add_group(app, "offsets", "Where services stand in their topics");
  auto& repair = set.add(offsets, "repair", "Move a service's place in one partition; shows first what that skips or repeats", Needs::both,
                         [&](const Reach& reach, const Console& console) { return repair_offset(reach, set.repair, console); });
  repair.add_option("--service", set.repair.service, "Service whose place is moved")->required();
  repair.add_option("--topic", set.repair.topic, "Topic, with its realm")->required();
  repair.add_option("--partition", set.repair.partition, "Partition")->required()->check(CLI::NonNegativeNumber);
  repair.add_option("--to", set.repair.to, "low, high, or the offset of the next message to read")->required();
  repair.add_flag("--yes", set.repair.yes, "Do it; without it nothing is changed");
  repair.footer(
      "Skipped messages are never read. Where they carried sequences, their keys then wait behind a gap until `sequences pass`. Messages "
      "that\n"
      "are read again and were applied before are dropped as duplicates. The change is audited.");

  auto& adopt = set.add(offsets, "adopt", "Give a service that begins to read a topic late its first place in every partition", Needs::both,
                        [&](const Reach& reach, const Console& console) { return adopt_offsets(reach, set.adopt, console); });
  adopt.add_option("--service", set.adopt.service, "Service that begins to read")->required();
  adopt.add_option("--topic", set.adopt.topic, "Topic, without realm; all realms are adopted")->required();
  adopt.footer(
      "It begins at the oldest message there is, and for each key the first sequence found there is accepted. Refused when the service has "
      "a\n"
      "place in any of the partitions already. The change is audited. Run it before the service is started.");
}

void add_sequences_command(CLI::App& app, CommandSet& set) {
  auto& sequences = add_group(app, "sequences", "Messages that services wait for");
  auto& pass = set.add(sequences, "pass", "Give up messages of one key that never came; opens a handoff", Needs::database,
                       [&](const Reach& reach, const Console& console) { return pass_sequences(reach, set.pass, console); });
  pass.add_option("KEY", set.pass.key, "tenant/ticket")->required();
  pass.add_option("--topic", set.pass.topic, "Topic in which the gap is, without realm")->required();
  pass.add_option("--service", set.pass.service, "Service that waits")->required();
  pass.add_option("--to", set.pass.to, "Sequence to apply next; without it: the first that is parked")->check(CLI::PositiveNumber);
  pass.footer(
      "The service's counter moves past the gap and what was parked is applied within seconds. Nobody knows what the lost messages said, "
      "so\n"
      "that people are told: in the same transaction a referral.handoff is put into the executor's outbox, because only the executor "
      "refers\n"
      "matters to people; the outbox service relays it and approval opens the handoff. The change is audited.");
}

}  // namespace

void add_mending_commands(CLI::App& app, CommandSet& set) {
  add_offsets_commands(app, set);
  add_sequences_command(app, set);
}

}  // namespace countersign::cli
