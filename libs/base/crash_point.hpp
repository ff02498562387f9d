#pragma once

// crash_point("after_commit"): a named moment, one per durable boundary, at which a process may be made to die.
//
// What is shipped links crash_points_off, where this does nothing. The `faults` preset links the same objects with
// crash_points_armed: COUNTERSIGN_CRASH_AT="name:n" kills the process (SIGKILL) when it passes the point for the n-th time, and
// COUNTERSIGN_CRASH_LOG names a file that gets a line per passage that killed.

namespace countersign::base {
void crash_point(const char* name) noexcept;
}
