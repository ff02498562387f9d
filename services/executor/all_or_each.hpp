#pragma once

// all_or_each: settles many things in one transaction, and each in one of its own when PostgreSQL refuses them together: one of them is at
// fault, and the others need not wait for it.

#include <cstddef>
#include <string>
#include <vector>

#include "base/errors.hpp"
#include "telemetry/log.hpp"

namespace countersign::executor {

// `settle` takes a vector of things and returns how many it settled; things have a `tool`. Logs `event` for each that is refused alone.
template <typename Thing, typename Settle>
std::size_t all_or_each(const std::vector<Thing>& things, telemetry::Log& log, const std::string& event, const Settle& settle) {
  try {
    return settle(things);
  } catch (const base::Rejected&) {
  }
  std::size_t settled = 0;
  for (const auto& thing : things) {
    try {
      settled += settle(std::vector<Thing>{thing});
    } catch (const base::Rejected& rejected) {
      log.error(event, {{"tool", thing.tool}, {"code", rejected.code()}, {"error", rejected.what()}});
    }
  }
  return settled;
}

}  // namespace countersign::executor
