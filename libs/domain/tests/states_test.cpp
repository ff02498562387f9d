// The three state machines: that they are what the tables say and nothing else, and what the tables must never allow.

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "domain/effect.hpp"
#include "domain/run.hpp"
#include "domain/step.hpp"
#include "domain/tests/transition_table.hpp"

namespace countersign::domain {
namespace {

TEST(StatesTest, OnlyTheTableMovesAnything) {
  expect_only<StepState, StepEvent>(step_transitions, 10, 12);
  expect_only<EffectState, EffectEvent>(effect_transitions, 6, 6);
  expect_only<RunState, RunEvent>(run_transitions, 4, 4);
}

TEST(StatesTest, WhatHasEndedStaysEnded) {
  const std::set<StepState> ends{StepState::succeeded, StepState::failed,    StepState::denied,
                                 StepState::expired,   StepState::withdrawn, StepState::dropped};
  for (int s = 0; s < 10; ++s) EXPECT_EQ(final_state(static_cast<StepState>(s)), ends.contains(static_cast<StepState>(s)));
}

TEST(StatesTest, OnlyAReadyStepIsClaimed) {
  for (const auto& row : step_transitions)
    EXPECT_EQ(row.to == StepState::claimed, row.event == StepEvent::claim && row.from == StepState::ready);
}

TEST(StatesTest, AStepThatWaitsForPeopleIsNeverClaimedWithoutThem) {
  for (const auto& row : step_transitions)
    if (row.from == StepState::waiting_approval) {
      EXPECT_TRUE(row.event == StepEvent::grant || row.event == StepEvent::reconsider || final_state(row.to));
    }
}

TEST(StatesTest, AnUnknownEffectIsNeverClaimedAgainBeforeSomebodyLooked) {
  for (const auto& row : effect_transitions)
    if (row.to == EffectState::claimed) {
      EXPECT_EQ(row.from, EffectState::ready);
    }
}

TEST(StatesTest, NothingUndoesASuccessButACompensation) {
  for (const auto& row : effect_transitions)
    if (row.from == EffectState::succeeded) {
      EXPECT_EQ(row.to, EffectState::compensated);
    }
}

TEST(StatesTest, AnEffectMovesOnlyAsItsStepCan) {
  // What settles an effect settles its step by the event of the same name.
  for (const auto& row : effect_transitions) {
    if (row.event == EffectEvent::compensate) continue;
    const auto step = find_named<StepState>(name_of(row.from));
    const auto event = find_named<StepEvent>(name_of(row.event));
    ASSERT_TRUE(step && event);
    const auto to = transition(*step, *event);
    ASSERT_TRUE(to) << name_of(row.from) << " " << name_of(row.event);
    EXPECT_EQ(name_of(*to), name_of(row.to));
  }
}

TEST(StatesTest, ALateSuccessIsBelieved) {
  EXPECT_EQ(judge_late_success(EffectState::claimed), LateSuccess::settles);
  EXPECT_EQ(judge_late_success(EffectState::unknown), LateSuccess::settles);
  EXPECT_EQ(judge_late_success(EffectState::ready), LateSuccess::settles);
  EXPECT_EQ(judge_late_success(EffectState::succeeded), LateSuccess::known);
  EXPECT_EQ(judge_late_success(EffectState::compensated), LateSuccess::known);
  EXPECT_EQ(judge_late_success(EffectState::failed), LateSuccess::surprises);
  for (int s = 0; s < 6; ++s) {
    const auto state = static_cast<EffectState>(s);
    EXPECT_EQ(judge_late_success(state) == LateSuccess::settles, transition(state, EffectEvent::succeed).has_value());
  }
}

TEST(StatesTest, OnlyACertainFailureLetsGoOfTheOperationKey) {
  EXPECT_TRUE(holds_operation_key(EffectState::claimed));
  EXPECT_TRUE(holds_operation_key(EffectState::unknown));
  EXPECT_TRUE(holds_operation_key(EffectState::succeeded));
  EXPECT_FALSE(holds_operation_key(EffectState::failed));
  EXPECT_FALSE(holds_operation_key(EffectState::ready));
  EXPECT_FALSE(holds_operation_key(EffectState::compensated));
}

TEST(StatesTest, EveryWordIsReadBack) {
  for (int s = 0; s < 10; ++s) EXPECT_EQ(find_named<StepState>(name_of(static_cast<StepState>(s))), static_cast<StepState>(s));
  for (int s = 0; s < 6; ++s) EXPECT_EQ(find_named<EffectState>(name_of(static_cast<EffectState>(s))), static_cast<EffectState>(s));
  for (int s = 0; s < 7; ++s) EXPECT_EQ(find_named<StopReason>(name_of(static_cast<StopReason>(s))), static_cast<StopReason>(s));
  EXPECT_EQ(name_of(StepState::waiting_approval), "waiting_approval");
  EXPECT_EQ(name_of(StepState::dropped), "dropped");
  EXPECT_EQ(name_of(EffectState::compensated), "compensated");
  EXPECT_EQ(name_of(RunState::stopped), "stopped");
  EXPECT_EQ(name_of(StopReason::superseded), "superseded");
}

TEST(StatesTest, AnyWalkEndsWhereTheTableSays) {
  std::mt19937 random{7};
  for (int walk = 0; walk < 2'000; ++walk) {
    StepState state = StepState::ready;
    for (int i = 0; i < 50; ++i) {
      const auto to = transition(state, static_cast<StepEvent>(random() % 12));
      if (final_state(state)) {
        ASSERT_FALSE(to);
      }
      if (to) state = *to;
    }
  }
}

}  // namespace
}  // namespace countersign::domain
