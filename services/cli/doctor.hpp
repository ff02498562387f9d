#pragma once

// doctor: looks at everything a fleet needs from its surroundings and says, for each thing that is not right, how to mend it.
//
// Changes nothing. A check that cannot be made because an earlier one failed is left out.
//
// Failure    exit_not_well when a check failed; a warning alone does not.

#include "cli/console.hpp"
#include "cli/reach.hpp"

namespace countersign::cli {

int examine(const Reach& reach, const Console& console);

}  // namespace countersign::cli
