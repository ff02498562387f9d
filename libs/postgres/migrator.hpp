#pragma once

// Migrator: brings a database to the schema that this program was built for.
//
// A migration is a numbered SQL file of a room. Each is applied once, in a transaction of its own, and recorded in core.migration with the
// digest of its text, so that a file edited after the fact, or a program older than its database, is noticed before anything runs.
//
// Promise    Two migrators at once: one works, the other waits, then finds nothing to do.
// Threads    As the session.
// Failure    base::Misconfigured when file and database disagree, saying what to do. A migration that fails is rolled back alone; those
//            before it stay.
// Time       Waiting for another migrator is bounded by the session's statement timeout and client deadline: give the session long ones.

#include <map>
#include <string>
#include <vector>

#include "postgres/session.hpp"

namespace countersign::postgres {

struct Migration {
  std::string room;
  int number = 0;
  std::string name;  // verb-object
  std::string sql;

  std::string title() const;  // room/0001-verb-object
};

class Migrator {
 public:
  // {{key}} in a migration's text becomes the value. The digest is taken before, so that an installation may choose its own names.
  using Substitutions = std::map<std::string, std::string>;

  // Applies what is missing, in the order given, and returns it. Numbers of a room must rise.
  static std::vector<Migration> apply(Session& session, const std::vector<Migration>& migrations, const Substitutions& substitutions = {});
  // What apply() would apply. Changes nothing.
  static std::vector<Migration> pending(Session& session, const std::vector<Migration>& migrations);
};

}  // namespace countersign::postgres
