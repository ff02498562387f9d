#pragma once

// What every table of transitions promises.

#include <gtest/gtest.h>

namespace countersign::domain {

// `states` and `events` are how many there are.
template <typename State, typename Event, typename Table>
void expect_only(const Table& table, int states, int events) {
  int legal = 0;
  for (int s = 0; s < states; ++s)
    for (int e = 0; e < events; ++e) {
      const auto to = transition(static_cast<State>(s), static_cast<Event>(e));
      if (!to) {
        EXPECT_EQ(to.error().code, "illegal_transition");
      }
      legal += to.has_value();
    }
  EXPECT_EQ(legal, static_cast<int>(table.size()));  // every row is found, no pair stands twice, nothing else is legal
  for (const auto& row : table) EXPECT_EQ(transition(row.from, row.event), row.to);
}

}  // namespace countersign::domain
