#pragma once

// What docs/state-machines.md lists, and what a table of transitions lists, both as "from event to".

#include <fstream>
#include <set>
#include <sstream>
#include <string>

namespace countersign::domain {

using Rows = std::set<std::string>;

inline Rows rows_under(const std::string& heading) {
  std::ifstream page(std::string(COUNTERSIGN_SOURCE_DIR) + "/docs/state-machines.md");
  Rows rows;
  bool inside = false;
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with("## ")) inside = line == "## " + heading;
    if (!inside || !line.starts_with("| ") || line.starts_with("| from") || line.starts_with("| ---")) continue;
    std::istringstream cells(line);
    std::string bar, from, event, to;
    cells >> bar >> from >> bar >> event >> bar >> to;
    rows.insert(from + " " + event + " " + to);
  }
  return rows;
}

template <typename Table>
Rows rows_of(const Table& table) {
  Rows rows;
  for (const auto& row : table)
    rows.insert(std::string(name_of(row.from)) + " " + std::string(name_of(row.event)) + " " + std::string(name_of(row.to)));
  return rows;
}

}  // namespace countersign::domain
