#pragma once

// Exit codes of the command line, the same for every command and part of its interface.

namespace countersign::cli {

inline constexpr int exit_well = 0;
inline constexpr int exit_not_well = 1;        // the answer is no: a check failed, nothing was found, a change was not made
inline constexpr int exit_misused = 64;        // the command line itself is wrong
inline constexpr int exit_bad_input = 65;      // a file or document is wrong
inline constexpr int exit_unavailable = 69;    // database or broker did not answer
inline constexpr int exit_misconfigured = 78;  // a setting, a password or a grant is wrong

}  // namespace countersign::cli
