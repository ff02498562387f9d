#pragma once

// COUNTERSIGN_INVARIANT(condition, "belief"): ends the process when our own reasoning was wrong; stays on in release.
// Never used on data from outside.

namespace countersign::base {
[[noreturn]] void invariant_broken(const char* belief, const char* file, int line) noexcept;
}

#define COUNTERSIGN_INVARIANT(condition, belief) \
  ((condition) ? static_cast<void>(0) : ::countersign::base::invariant_broken((belief), __FILE__, __LINE__))
