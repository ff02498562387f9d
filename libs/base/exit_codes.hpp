#pragma once

// Exit codes of every program of the fleet: one table, part of their interface. From 64 on they are those of sysexits.h.

namespace countersign::base {

inline constexpr int exit_well = 0;
inline constexpr int exit_failed = 1;        // the answer is no: a check failed, nothing was found, a change was not made; a service failed
inline constexpr int exit_conflict = 3;      // somebody else was there before: what was to be changed is not as it was
inline constexpr int exit_misused = 64;      // the command line itself is wrong: a command, a flag, an argument
inline constexpr int exit_bad_input = 65;    // a file or document is wrong, or cannot be read
inline constexpr int exit_unavailable = 69;  // database or broker did not answer
inline constexpr int exit_misconfigured = 78;  // a setting, a password or a grant is wrong; starting again will not help

}  // namespace countersign::base
