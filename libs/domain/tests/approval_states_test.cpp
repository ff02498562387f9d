// Approvals, as the approval service keeps them and as the executor lives through them: the tables, what they must never allow, and the
// page.

#include <gtest/gtest.h>

#include "domain/approval.hpp"
#include "domain/approval_stage.hpp"
#include "domain/tests/state_page.hpp"
#include "domain/tests/transition_table.hpp"

namespace countersign::domain {
namespace {

TEST(ApprovalStatesTest, OnlyTheTablesMoveAnything) {
  expect_only<ApprovalState, ApprovalEvent>(approval_transitions, EnumNames<ApprovalState>::names.size(),
                                            EnumNames<ApprovalEvent>::names.size());
  expect_only<ApprovalStage, ApprovalStageEvent>(approval_stage_transitions, EnumNames<ApprovalStage>::names.size(),
                                                 EnumNames<ApprovalStageEvent>::names.size());
  EXPECT_EQ(transition(ApprovalState::denied, ApprovalEvent::approve).error().code, "illegal_transition");
  EXPECT_EQ(transition(ApprovalStage::requested, ApprovalStageEvent::consume).error().code, "illegal_transition");
}

TEST(ApprovalStatesTest, ThePageListsEveryTransition) {
  EXPECT_EQ(rows_under("Approval"), rows_of(approval_transitions));
  EXPECT_EQ(rows_under("Approval in the executor"), rows_of(approval_stage_transitions));
}

TEST(ApprovalStatesTest, WhatPeopleEndedStaysEnded) {
  for (const auto state :
       {ApprovalState::denied, ApprovalState::changes_requested, ApprovalState::expired, ApprovalState::withdrawn, ApprovalState::consumed})
    EXPECT_TRUE(final_state(state)) << name_of(state);
  for (const auto stage : {ApprovalStage::denied, ApprovalStage::changes_requested, ApprovalStage::expired, ApprovalStage::withdrawn})
    EXPECT_TRUE(final_state(stage)) << name_of(stage);
  EXPECT_FALSE(final_state(ApprovalState::requested));
  EXPECT_FALSE(final_state(ApprovalState::approved));
}

TEST(ApprovalStatesTest, OnlyAnApprovedOneIsConsumed) {
  for (const auto& row : approval_transitions)
    EXPECT_EQ(row.to == ApprovalState::consumed, row.from == ApprovalState::approved && row.event == ApprovalEvent::consume);
}

TEST(ApprovalStatesTest, AClaimNeedsACountersignatureAndAFreshLook) {
  for (const auto& row : approval_stage_transitions) {
    if (row.to == ApprovalStage::consumed) {
      EXPECT_EQ(row.from, ApprovalStage::cleared);
    }
    if (row.to == ApprovalStage::cleared) {
      EXPECT_EQ(row.from, ApprovalStage::granted);
    }
    if (row.to == ApprovalStage::granted && row.event == ApprovalStageEvent::grant) {
      EXPECT_TRUE(row.from == ApprovalStage::requested || row.from == ApprovalStage::renewing);
    }
  }
}

TEST(ApprovalStatesTest, TheTwoSidesEndInTheSameWords) {
  for (const auto word : EnumNames<ApprovalState>::names) {
    if (word == "approved") continue;  // granted, cleared or renewing to the executor
    EXPECT_TRUE(find_named<ApprovalStage>(word)) << word;
  }
}

TEST(ApprovalStatesTest, EveryWordIsReadBack) {
  for (const auto word : EnumNames<ApprovalState>::names) EXPECT_EQ(name_of(*find_named<ApprovalState>(word)), word);
  for (const auto word : EnumNames<ApprovalStage>::names) EXPECT_EQ(name_of(*find_named<ApprovalStage>(word)), word);
  for (const auto word : EnumNames<ApprovalStageEvent>::names) EXPECT_EQ(name_of(*find_named<ApprovalStageEvent>(word)), word);
}

}  // namespace
}  // namespace countersign::domain
