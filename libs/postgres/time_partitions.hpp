#pragma once

// TimePartitionKeeper: makes the daily partitions of tomorrow and drops those that have been kept long enough.
//
// A migration hands a partitioned table over with core.partition_by_day(schema, table, kind, keep_days); this loop only calls the
// database's own functions, table by table, so that locks are short and no service needs rights over another's tables. Inserts do not
// depend on it: what finds no partition of its day goes into the default one.
//
// Promise    A table that cannot be worked on now (a lock, rows of that day in its default partition) is skipped, never waited for long.
// Threads    One thread calls run(); keep_once() may be called with any session. Several services may do this at once.
// Failure    What the session throws.

#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "postgres/pool.hpp"
#include "postgres/session.hpp"

namespace countersign::postgres {

struct PartitionChange {
  enum class Kind { created, dropped, skipped } kind;
  std::string partition;
  std::string reason;  // why it was skipped
};

class TimePartitionKeeper {
 public:
  explicit TimePartitionKeeper(int ahead_days = 3) : ahead_days_(ahead_days) {}

  std::vector<PartitionChange> keep_once(Session& session) const;
  // At once and then every hour.
  void run(std::stop_token stop, Pool& pool, base::Clock& clock) const;

 private:
  int ahead_days_;
};

}  // namespace countersign::postgres
