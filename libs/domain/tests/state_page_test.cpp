// docs/state-machines.md says the same as the tables.

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "domain/effect.hpp"
#include "domain/run.hpp"
#include "domain/step.hpp"

namespace countersign::domain {

namespace {

using Rows = std::set<std::string>;  // "from event to"

Rows rows_under(const std::string& heading) {
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
  for (const auto& row : table) rows.insert(std::string(name_of(row.from)) + " " + std::string(name_of(row.event)) + " " + std::string(name_of(row.to)));
  return rows;
}

}  // namespace

TEST(StatePageTest, ListsEveryTransitionOfARun) { EXPECT_EQ(rows_under("Run"), rows_of(run_transitions)); }
TEST(StatePageTest, ListsEveryTransitionOfAStep) { EXPECT_EQ(rows_under("Step"), rows_of(step_transitions)); }
TEST(StatePageTest, ListsEveryTransitionOfAnEffect) { EXPECT_EQ(rows_under("Effect"), rows_of(effect_transitions)); }

}  // namespace countersign::domain
