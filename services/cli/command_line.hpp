#pragma once

// Reads the command line, runs the command it names, and turns what went wrong into an exit code (exit_codes.hpp).

namespace countersign::cli {

int run_command_line(int argc, const char* const* argv);

}  // namespace countersign::cli
