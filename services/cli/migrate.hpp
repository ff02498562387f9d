#pragma once

// migrate: the database's roles and schemas, brought to what this program was built for.
//
// Roles come first because migrations grant to them; an existing role gets its password again, so this is also how passwords are changed.
//
// Failure    base::Misconfigured with every missing password file, before anything is changed.

#include <string>

#include "cli/console.hpp"
#include "cli/reach.hpp"

namespace countersign::cli {

struct MigrateWish {
  std::string passwords;  // folder with a file per service, named after it; its first line is the password
  bool dry_run = false;   // say what would be applied
};

int migrate(const Reach& reach, const MigrateWish& wish, const Console& console);

}  // namespace countersign::cli
