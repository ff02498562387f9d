#pragma once

// publish: ticket events from a file of JSON lines (event_line.hpp), in the order of the file per ticket.
//
// All lines are checked before the first is sent; a file with a wrong line is not sent at all, unless told not to check.
//
// Failure    exit_bad_input with the wrong lines, and for a file that holds no event or cannot be read; exit_not_well when Kafka refused
// some events.

#include <string>

#include "cli/console.hpp"
#include "cli/reach.hpp"

namespace countersign::cli {

struct PublishWish {
  std::string file;  // "-": standard input
  std::string realm = "main";
  std::string source;
  double rate = 0;  // events per second; 0: as fast as Kafka takes them
  bool unchecked = false;
};

int publish(const Reach& reach, const PublishWish& wish, const Console& console);

}  // namespace countersign::cli
