#pragma once

// Exit codes of the command line, the same for every command, and the mistakes that become two of them.

#include <stdexcept>

#include "base/exit_codes.hpp"

namespace countersign::cli {

using base::exit_bad_input;
using base::exit_conflict;
using base::exit_misconfigured;
using base::exit_misused;
using base::exit_unavailable;
using base::exit_well;
inline constexpr int exit_not_well = base::exit_failed;

// What was typed is wrong; seen only once the command looked at it.
class Misused : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// A file that was named cannot be used.
class BadInput : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace countersign::cli
