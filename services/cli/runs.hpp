#pragma once

// runs: the runs of tickets, or one run with everything that is known about it. Changes nothing.
//
// With --watch the list is followed: each run is shown again when it changed, until interrupted; a single run until it has stopped.

#include <cstdint>
#include <string>

#include "cli/console.hpp"
#include "cli/reach.hpp"

namespace countersign::cli {

struct RunsWish {
  std::string id;      // tenant/ticket or tenant/ticket/run; empty: many
  std::string tenant;  // empty: all
  std::string stop_reason;
  std::int64_t limit = 50;
  bool watch = false;
};

int show_runs(const Reach& reach, const RunsWish& wish, const Console& console);

}  // namespace countersign::cli
