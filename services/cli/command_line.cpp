#include "cli/command_line.hpp"

#include <CLI/CLI.hpp>

#include "base/errors.hpp"
#include "cli/command_set.hpp"
#include "cli/exit_codes.hpp"

namespace countersign::cli {

namespace {

constexpr const char* footer =
    "\nEvery flag that reaches the database or Kafka has an environment twin COUNTERSIGN_…; the flag wins. Secrets come from files.\n"
    "\nExit codes: 0 well · 1 the answer is no: a check failed, nothing was found or changed, a decision did not count · 3 conflict: it "
    "is\n"
    "decided already · 64 the command line is wrong · 65 an input file is wrong or cannot be read · 69 database or Kafka did not answer ·\n"
    "78 a setting, password or grant is wrong";

int fail(int code, const std::string& text, const Console& console) {
  console.warn(text);
  return code;
}

int run_guarded(const CommandSet& set) {
  const Console console{set.json()};
  try {
    return set.run_chosen();
  } catch (const Misused& error) {
    return fail(exit_misused, error.what(), console);
  } catch (const BadInput& error) {
    return fail(exit_bad_input, error.what(), console);
  } catch (const NotFound& error) {
    return fail(exit_not_well, error.what(), console);
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

// The words up to the first that is no command, if there is one where a command is wanted.
std::string find_unknown_command(const CLI::App& app, int argc, const char* const* argv) {
  std::string words;
  const CLI::App* at = &app;
  for (int i = 1; i < argc && argv[i][0] != '-' && !at->get_subcommands({}).empty(); ++i) {
    words += (words.empty() ? "" : " ") + std::string(argv[i]);
    try {
      at = at->get_subcommand(std::string(argv[i]));
    } catch (const CLI::OptionNotFound&) {
      return words;
    }
  }
  return {};
}

}  // namespace

int run_command_line(int argc, const char* const* argv) {
  CLI::App app{"countersign: operate a fleet: prepare its database and topics, configure it, look at it, decide, mend it.", "countersign"};
  app.footer(footer);
  app.require_subcommand(1);
  CommandSet set;
  add_site_commands(app, set);
  add_looking_commands(app, set);
  add_deciding_commands(app, set);
  add_people_commands(app, set);
  add_mending_commands(app, set);
  add_bench_command(app, set);
  if (const auto unknown = find_unknown_command(app, argc, argv); !unknown.empty())
    return fail(exit_misused, "unknown command " + unknown + "; countersign --help lists those there are", Console{false});
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? exit_well : exit_misused;
  }
  return run_guarded(set);
}

}  // namespace countersign::cli
