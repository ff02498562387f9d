#pragma once

// apply: configuration documents from a folder into the database, all or nothing, with an audit entry for each change.

#include <string>

#include "cli/console.hpp"
#include "cli/reach.hpp"

namespace countersign::cli {

struct ApplyWish {
  std::string folder;
  bool check_only = false;  // the checks that need no database
};

int apply(const Reach& reach, const ApplyWish& wish, const Console& console);

}  // namespace countersign::cli
