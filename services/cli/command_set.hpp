#pragma once

// CommandSet: all commands of the line with their flags, and the one that was chosen. Only command_*.cpp and *_commands.cpp see CLI11.
//
// Each command has a Reach of its own: CLI11 reads the environment twin of a flag for every command that has the flag, also for those that
// were not chosen, so that a shared one would be overwritten after the chosen command's flags were read. The same goes for every wish with
// such a flag.
//
// Ownership  Flags write into the set, which must outlive the parsing.

#include <deque>
#include <functional>
#include <map>
#include <string>

#include "cli/apply.hpp"
#include "cli/approvals.hpp"
#include "cli/bench.hpp"
#include "cli/console.hpp"
#include "cli/decide.hpp"
#include "cli/keys.hpp"
#include "cli/listings.hpp"
#include "cli/migrate.hpp"
#include "cli/offsets.hpp"
#include "cli/people.hpp"
#include "cli/publish.hpp"
#include "cli/reach.hpp"
#include "cli/runs.hpp"
#include "cli/sequences.hpp"
#include "cli/topics.hpp"

namespace CLI {
class App;
}

namespace countersign::cli {

// What a command talks to.
enum class Needs { nothing, database, kafka, both };

class CommandSet {
 public:
  using Run = std::function<int(const Reach&, const Console&)>;

  CLI::App& add(CLI::App& parent, const std::string& name, const std::string& sentence, Needs needs, Run run);
  int run_chosen() const { return chosen_(Console{json_}); }
  bool json() const noexcept { return json_; }

  MigrateWish migrate;
  TopicsWish topics;
  ApplyWish apply;
  OffsetsRepairWish repair;
  OffsetsAdoptWish adopt;
  SequencesPassWish pass;
  PublishWish publish;
  BenchWish bench;
  RunsWish runs;
  HandoffsWish handoffs;
  DeadLettersWish dead_letters;
  ApprovalsWish approvals;
  std::map<std::string, DecideWish> decide;  // by verb
  NewKeyWish new_key;
  SignWish sign;
  std::map<std::string, RegisterWish> registration;  // by kind
  FoundersWish founders;

 private:
  bool json_ = false;
  std::deque<Reach> reaches_;
  std::function<int(const Console&)> chosen_;
};

CLI::App& add_group(CLI::App& app, const std::string& name, const std::string& sentence);
void add_tenant(CLI::App& command, std::string& tenant);
void add_limit(CLI::App& command, std::int64_t& limit, const std::string& order);
void add_environment(CLI::App& command, std::string& environment);

void add_site_commands(CLI::App& app, CommandSet& set);
void add_looking_commands(CLI::App& app, CommandSet& set);
void add_mending_commands(CLI::App& app, CommandSet& set);
void add_deciding_commands(CLI::App& app, CommandSet& set);
void add_people_commands(CLI::App& app, CommandSet& set);
void add_bench_command(CLI::App& app, CommandSet& set);

}  // namespace countersign::cli
