// docs/state-machines.md says the same as the tables.

#include "domain/tests/state_page.hpp"

#include <gtest/gtest.h>

#include "domain/effect.hpp"
#include "domain/run.hpp"
#include "domain/step.hpp"

namespace countersign::domain {

TEST(StatePageTest, ListsEveryTransitionOfARun) { EXPECT_EQ(rows_under("Run"), rows_of(run_transitions)); }
TEST(StatePageTest, ListsEveryTransitionOfAStep) { EXPECT_EQ(rows_under("Step"), rows_of(step_transitions)); }
TEST(StatePageTest, ListsEveryTransitionOfAnEffect) { EXPECT_EQ(rows_under("Effect"), rows_of(effect_transitions)); }

}  // namespace countersign::domain
