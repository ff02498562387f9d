#include <CLI/CLI.hpp>

#include "cli/command_set.hpp"

namespace countersign::cli {

void add_bench_command(CLI::App& app, CommandSet& set) {
  auto& wish = set.bench;
  auto& command = set.add(app, "bench", "Offer tickets at a fixed rate, receive what they end with, and say how long that took",
                          Needs::kafka, [&](const Reach& reach, const Console& console) { return bench(reach, wish, console); });
  command.add_option("--event", wish.event_file, "File with the data of a ticket.opened as JSON; {ticket} in it is the ticket's name")
      ->required();
  command.add_option("--label", wish.label, "What the names of this run's tickets begin with; never used before")->required();
  command
      .add_option("--webhook-secret", wish.secret_files,
                  "TENANT FILE: a tenant and the file with its webhook secret; repeatable, tenants take turns")
      ->required();
  command.add_option("--rate", wish.rate, "Tickets a second")->check(CLI::Range(0.01, 1e6))->capture_default_str();
  command.add_option("--seconds", wish.seconds, "How long, apart from warming up and draining")
      ->check(CLI::Range(0.1, 1e5))
      ->capture_default_str();
  command.add_option("--warm-up", wish.warm_up, "Seconds at the same rate before, which are not measured")->check(CLI::Range(0.0, 1e5));
  command.add_option("--seed", wish.seed,
                     "Draw the gaps between tickets from an exponential distribution; without it they are all the same");
  command.add_option("--realm", wish.realm, "Realm whose tickets topic is written")->capture_default_str();
  command.add_option("--port", wish.port, "Port of the sink on 127.0.0.1; 0: a free one");
  command.add_option("--expect", wish.expected_type, "Type of webhook with which a ticket should end")->capture_default_str();
  command.add_option("--tool-journal", wish.journal, "Journal of the stand-in for tools, on this machine");
  command.add_option("--patience", wish.patience, "Seconds to wait for tickets that have not ended")
      ->check(CLI::Range(0.0, 1e5))
      ->capture_default_str();
  command.add_option("--figures", wish.document_file, "Write the figures to this file as JSON");
  command.add_option("--tickets", wish.tickets_file, "Write every ticket to this file as CSV");
}

}  // namespace countersign::cli
