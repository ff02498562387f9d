#pragma once

// handoffs, dead-letters: what waits for people, and what was set aside. Both change nothing.

#include <cstdint>
#include <string>

#include "cli/console.hpp"
#include "cli/reach.hpp"

namespace countersign::cli {

struct HandoffsWish {
  std::string tenant;  // empty: all
  bool all = false;    // those that are over as well
  std::int64_t limit = 100;
};

struct DeadLettersWish {
  std::string service;  // empty: all
  std::string tenant;
  std::int64_t limit = 100;
};

int list_handoffs(const Reach& reach, const HandoffsWish& wish, const Console& console);
// Messages that a service could not take, and deliveries that were given up.
int list_dead_letters(const Reach& reach, const DeadLettersWish& wish, const Console& console);

}  // namespace countersign::cli
