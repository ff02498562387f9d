#include "cli/command_set.hpp"

#include <CLI/CLI.hpp>
#include "cli/doctor.hpp"
#include "domain/run.hpp"

namespace countersign::cli {

namespace {

std::vector<std::string> stop_reasons() {
  const auto& names = domain::EnumNames<domain::StopReason>::names;
  return {names.begin(), names.end()};
}

std::string a_stop_reason(const std::string& text) {
  std::string all;
  for (const auto& reason : stop_reasons()) {
    if (reason == text) return "";
    all += (all.empty() ? "" : ", ") + reason;
  }
  return "must be one of " + all + "; not '" + text + "'";
}

}  // namespace

void add_looking_commands(CLI::App& app, CommandSet& set) {
  auto& runs = set.add(app, "runs", "Runs of tickets, or everything about one", Needs::database,
                       [&](const Reach& reach, const Console& console) { return show_runs(reach, set.runs, console); });
  runs.add_option("ID", set.runs.id, "tenant/ticket (its last run) or tenant/ticket/run");
  add_tenant(runs, set.runs.tenant);
  runs.add_option("--stop-reason", set.runs.stop_reason, "Only those that stopped for it")->check(a_stop_reason);
  add_limit(runs, set.runs.limit, "newest");
  runs.add_flag("--watch", set.runs.watch, "Go on showing what changes; with ID until the run has stopped");

  auto& handoffs = set.add(app, "handoffs", "Tickets that were given to people", Needs::database,
                           [&](const Reach& reach, const Console& console) { return list_handoffs(reach, set.handoffs, console); });
  add_tenant(handoffs, set.handoffs.tenant);
  handoffs.add_flag("--all", set.handoffs.all, "Also those that are over");
  add_limit(handoffs, set.handoffs.limit, "most urgent");

  auto& letters = set.add(app, "dead-letters", "Messages and deliveries that were set aside, and why", Needs::database,
                          [&](const Reach& reach, const Console& console) { return list_dead_letters(reach, set.dead_letters, console); });
  letters.add_option("--service", set.dead_letters.service, "Only messages that this service set aside");
  add_tenant(letters, set.dead_letters.tenant);
  add_limit(letters, set.dead_letters.limit, "newest");

  set.add(app, "doctor", "Check database, roles, schema, brokers, topics, grants, clock, configuration and leases", Needs::both,
          [&](const Reach& reach, const Console& console) { return examine(reach, console); });
}

}  // namespace countersign::cli
