// What the executor makes of plans, closes and stops.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "domain/close.hpp"
#include "domain/handoff_priority.hpp"
#include "domain/plan_protocol.hpp"
#include "domain/stop.hpp"
#include "domain/ticket_version.hpp"

namespace countersign::domain {
namespace {

using VerdictKind = PlanVerdict::Kind;
using testing::ElementsAre;

TEST(TicketVersionTest, CountsEverythingButDuplicates) {
  EXPECT_EQ(classify_arrival(true, EventIdSeen::never), Arrival::fresh);
  EXPECT_EQ(classify_arrival(true, EventIdSeen::with_same_content), Arrival::duplicate);
  EXPECT_EQ(classify_arrival(true, EventIdSeen::with_other_content), Arrival::contradiction);
  for (const auto seen : {EventIdSeen::never, EventIdSeen::with_same_content, EventIdSeen::with_other_content})
    EXPECT_EQ(classify_arrival(false, seen), Arrival::unreadable);
  constexpr std::array arrivals{Arrival::fresh,         Arrival::duplicate, Arrival::unreadable,
                                Arrival::contradiction, Arrival::duplicate, Arrival::fresh};
  EXPECT_EQ(version_after(0, arrivals), 4);
  EXPECT_TRUE(dead_letter(Arrival::contradiction) && dead_letter(Arrival::unreadable));
  EXPECT_FALSE(dead_letter(Arrival::fresh) || dead_letter(Arrival::duplicate));
}

RunFacts waiting() {
  return {.ticket_version = 3, .run = RunState::awaiting_plan, .last_steps_sequence = 7, .turns_used = 1, .runs_opened = 1};
}
PlanFacts fitting() { return {.ticket_version = 3, .after = 7}; }

std::string dropped(const RunFacts& facts, const PlanFacts& plan) {
  const auto verdict = judge_plan(facts, plan);
  EXPECT_EQ(verdict.kind, VerdictKind::drop);
  EXPECT_FALSE(verdict.counts_turn || verdict.opens_run || !verdict.escalates.empty());
  return verdict.codes.size() == 1 ? verdict.codes[0] : "";
}

TEST(PlanProtocolTest, AcceptsAPlanThatKnowsEverything) {
  EXPECT_EQ(judge_plan(waiting(), fitting()), (PlanVerdict{.kind = VerdictKind::accept, .counts_turn = true}));
  auto none_live = waiting();
  none_live.run.reset();
  EXPECT_EQ(judge_plan(none_live, fitting()), (PlanVerdict{.kind = VerdictKind::accept, .opens_run = true, .counts_turn = true}));
  none_live.run = RunState::stopped;
  EXPECT_TRUE(judge_plan(none_live, fitting()).opens_run);
}

TEST(PlanProtocolTest, HoldsTheNewestPlanForAVersionThatIsToCome) {
  const PlanFacts later{.ticket_version = 5, .after = 0};
  EXPECT_EQ(judge_plan(waiting(), later), (PlanVerdict{.kind = VerdictKind::hold}));
  EXPECT_EQ(judge_plan(RunFacts{}, later), (PlanVerdict{.kind = VerdictKind::hold}));
  auto holding = waiting();
  for (const std::int64_t held : {4, 5}) {
    holding.held_version = held;
    EXPECT_EQ(judge_plan(holding, later).kind, VerdictKind::hold);
  }
  holding.held_version = 6;
  EXPECT_EQ(dropped(holding, later), "newer_plan_held");
}

TEST(PlanProtocolTest, DropsWhatThePlannerWillProposeAgain) {
  EXPECT_EQ(dropped(waiting(), {.ticket_version = 2, .after = 7}), "stale_version");
  EXPECT_EQ(dropped(waiting(), {.ticket_version = 3, .after = 6}), "stale_after");
  EXPECT_EQ(dropped(waiting(), {.ticket_version = 3, .after = 8}), "stale_after");
  auto facts = waiting();
  facts.run = RunState::stopping;
  EXPECT_EQ(dropped(facts, fitting()), "run_stopping");
  facts.run = RunState::running;
  EXPECT_EQ(dropped(facts, fitting()), "plan_active");
  facts = waiting();
  facts.version_ended = true;
  EXPECT_EQ(dropped(facts, fitting()), "version_ended");
  facts = waiting();
  facts.ticket_closed = true;
  EXPECT_EQ(dropped(facts, fitting()), "ticket_closed");
  EXPECT_EQ(dropped(RunFacts{}, {.readable = false}), "ticket_unknown");
}

TEST(PlanProtocolTest, AnswersWhatItCannotUse) {
  auto faulty = fitting();
  faulty.faults = {"tool_unknown", "arguments_invalid"};
  const auto verdict = judge_plan(waiting(), faulty);
  EXPECT_EQ(verdict.kind, VerdictKind::reject);
  EXPECT_THAT(verdict.codes, ElementsAre("tool_unknown", "arguments_invalid"));
  EXPECT_TRUE(verdict.counts_turn && verdict.escalates.empty());
  EXPECT_THAT(judge_plan(waiting(), {.readable = false}).codes, ElementsAre("plan_unreadable"));
  faulty.after = 1;  // a faulty plan that is stale as well costs no turn
  EXPECT_EQ(dropped(waiting(), faulty), "stale_after");
}

TEST(PlanProtocolTest, TheFifthTurnIsTheLast) {
  auto facts = waiting();
  facts.turns_used = 4;
  EXPECT_EQ(judge_plan(facts, fitting()).kind, VerdictKind::accept);
  EXPECT_EQ(judge_plan(facts, {.readable = false}).escalates, "turns_exhausted");
  facts.turns_used = 5;
  EXPECT_EQ(judge_plan(facts, fitting()).kind, VerdictKind::reject);
  EXPECT_EQ(judge_plan(facts, fitting()).escalates, "turns_exhausted");
  EXPECT_EQ(judge_finished_plan(4), "");
  EXPECT_EQ(judge_finished_plan(5), "turns_exhausted");
}

TEST(PlanProtocolTest, TheEleventhRunGoesToAPerson) {
  auto facts = waiting();
  facts.runs_opened = 10;
  EXPECT_EQ(judge_plan(facts, fitting()).kind, VerdictKind::accept);  // in the run that is open
  facts.run.reset();
  const auto verdict = judge_plan(facts, fitting());
  EXPECT_EQ(verdict.kind, VerdictKind::reject);
  EXPECT_TRUE(verdict.opens_run);
  EXPECT_EQ(verdict.escalates, "runs_exhausted");
}

TEST(PlanProtocolTest, NothingIsAcceptedUnlessEverythingFits) {
  std::mt19937 random{5};
  for (int i = 0; i < 50'000; ++i) {
    RunFacts facts{.ticket_version = static_cast<int>(random() % 3), .ticket_closed = random() % 5 == 0};
    if (random() % 4) facts.run = static_cast<RunState>(random() % 4);
    facts.version_ended = random() % 5 == 0;
    facts.last_steps_sequence = static_cast<int>(random() % 2);
    facts.turns_used = static_cast<int>(random() % 7);
    facts.runs_opened = static_cast<int>(random() % 13);
    PlanFacts plan{
        .readable = random() % 4 != 0, .ticket_version = static_cast<int>(random() % 3), .after = static_cast<int>(random() % 2)};
    if (random() % 4 == 0) plan.faults = {"x"};
    const auto verdict = judge_plan(facts, plan);
    EXPECT_EQ(verdict.counts_turn, verdict.kind == VerdictKind::accept || verdict.kind == VerdictKind::reject);
    if (verdict.kind == VerdictKind::reject || verdict.kind == VerdictKind::drop) {
      EXPECT_FALSE(verdict.codes.empty());
    }
    if (verdict.kind == VerdictKind::hold) {
      EXPECT_GT(plan.ticket_version, facts.ticket_version);
    }
    if (verdict.kind != VerdictKind::accept) continue;
    EXPECT_TRUE(plan.readable && plan.faults.empty() && plan.ticket_version == facts.ticket_version &&
                plan.after == facts.last_steps_sequence);
    EXPECT_TRUE(!facts.ticket_closed && !facts.version_ended && turns_left(facts.turns_used));
    EXPECT_TRUE(facts.run != RunState::stopping && facts.run != RunState::running);
    EXPECT_TRUE(!verdict.opens_run || runs_left(facts.runs_opened));
  }
}

using Steps = std::vector<StepFacts>;
StepFacts step(RiskClass risk, StepState state, bool past_limit = false) { return {risk, state, past_limit}; }
constexpr CloseVerdict unsupported{StopReason::escalated, "unsupported_close"};

TEST(CloseTest, ResolvedNeedsEveryStepThatChangesSomething) {
  const auto resolved = [](const Steps& steps) { return judge_close(StopReason::resolved, steps); };
  EXPECT_EQ(resolved({step(RiskClass::money, StepState::succeeded), step(RiskClass::read, StepState::failed)}),
            (CloseVerdict{StopReason::resolved}));
  EXPECT_EQ(resolved({}), (CloseVerdict{StopReason::resolved}));
  for (int s = 0; s < 10; ++s) {
    const auto state = static_cast<StepState>(s);
    if (state == StepState::succeeded) continue;
    EXPECT_EQ(resolved({step(RiskClass::money, StepState::succeeded), step(RiskClass::draft, state)}), unsupported) << name_of(state);
  }
}

TEST(CloseTest, DeniedNeedsADenial) {
  const auto denied = [](const Steps& steps) { return judge_close(StopReason::denied, steps); };
  EXPECT_EQ(denied({step(RiskClass::money, StepState::denied)}), (CloseVerdict{StopReason::denied}));
  EXPECT_EQ(denied({step(RiskClass::read, StepState::denied)}), (CloseVerdict{StopReason::denied}));
  EXPECT_EQ(denied({}), unsupported);
  EXPECT_EQ(denied({step(RiskClass::money, StepState::failed)}), unsupported);
  EXPECT_EQ(denied({step(RiskClass::money, StepState::denied), step(RiskClass::outbound, StepState::unknown)}), unsupported);
}

TEST(CloseTest, ADraftIsReadyOnlyIfItWasWritten) {
  const auto drafted = [](const Steps& steps) { return judge_close(StopReason::draft_ready, steps); };
  EXPECT_EQ(drafted({step(RiskClass::draft, StepState::succeeded), step(RiskClass::money, StepState::denied)}),
            (CloseVerdict{StopReason::draft_ready}));
  EXPECT_EQ(drafted({step(RiskClass::draft, StepState::failed)}), unsupported);
  EXPECT_EQ(drafted({step(RiskClass::draft, StepState::succeeded), step(RiskClass::money, StepState::unknown)}), unsupported);
}

TEST(CloseTest, APlannerCannotSayWhatIsTheExecutorsToSay) {
  EXPECT_EQ(judge_close(StopReason::escalated, Steps{}), (CloseVerdict{StopReason::escalated}));
  for (const auto reason : {StopReason::failed, StopReason::cancelled, StopReason::superseded})
    EXPECT_EQ(judge_close(reason, Steps{}), unsupported);
}

TEST(StopTest, TheCauseGivesTheReason) {
  EXPECT_EQ(reason_for(StopCause::ticket_closed), StopReason::cancelled);
  EXPECT_EQ(reason_for(StopCause::cancel_asked), StopReason::cancelled);
  EXPECT_EQ(reason_for(StopCause::ticket_updated), StopReason::superseded);
  EXPECT_EQ(reason_for(StopCause::message_added), StopReason::superseded);
  EXPECT_EQ(reason_for(StopCause::switched_off), StopReason::escalated);
  EXPECT_EQ(prevailing(StopCause::ticket_closed, StopCause::ticket_updated), StopCause::ticket_closed);
  EXPECT_EQ(prevailing(StopCause::switched_off, StopCause::message_added), StopCause::message_added);
}

TEST(StopTest, ASecondCauseChangesOnlyWhatIsNotEarned) {
  EXPECT_EQ(reason_after(StopReason::superseded, StopCause::ticket_closed), StopReason::cancelled);
  EXPECT_EQ(reason_after(StopReason::escalated, StopCause::message_added), StopReason::superseded);
  EXPECT_EQ(reason_after(StopReason::cancelled, StopCause::ticket_updated), StopReason::cancelled);
  EXPECT_EQ(reason_after(StopReason::superseded, StopCause::switched_off), StopReason::superseded);
  for (const auto earned : {StopReason::resolved, StopReason::draft_ready, StopReason::denied, StopReason::failed})
    for (const auto cause : {StopCause::ticket_closed, StopCause::ticket_updated}) EXPECT_EQ(reason_after(earned, cause), earned);
}

TEST(StopTest, WhatHasNotBegunIsWithdrawnAndWhatWasPutBackFails) {
  EXPECT_EQ(on_stop(StepState::ready, false), StepEvent::withdraw);
  EXPECT_EQ(on_stop(StepState::ready, true), StepEvent::fail);
  EXPECT_EQ(on_stop(StepState::waiting_approval, false), StepEvent::withdraw);
  for (int s = 0; s < 10; ++s)
    for (const bool tried : {false, true})
      if (const auto event = on_stop(static_cast<StepState>(s), tried)) {
        EXPECT_TRUE(final_state(*transition(static_cast<StepState>(s), *event)));
      }
  for (const auto state : {StepState::claimed, StepState::unknown, StepState::succeeded, StepState::dropped})
    EXPECT_FALSE(on_stop(state, true));
}

TEST(StopTest, NothingIsSaidWhileSomethingIsInFlight) {
  for (const auto reason : {StopReason::cancelled, StopReason::superseded, StopReason::escalated}) {
    EXPECT_FALSE(judge_stop(reason, "", false, Steps{step(RiskClass::money, StepState::claimed)}).may_end);
    EXPECT_FALSE(judge_stop(reason, "", false, Steps{step(RiskClass::read, StepState::claimed)}).may_end);
    EXPECT_FALSE(judge_stop(reason, "", false, Steps{step(RiskClass::money, StepState::unknown)}).may_end);
    EXPECT_TRUE(judge_stop(reason, "", false, Steps{step(RiskClass::money, StepState::unknown, true)}).may_end);
    EXPECT_TRUE(judge_stop(reason, "", false, Steps{step(RiskClass::money, StepState::failed)}).may_end);
  }
}

TEST(StopTest, TellsTheOutcomeAndWhoMustLook) {
  const Steps clear{step(RiskClass::money, StepState::succeeded)};
  const Steps unclear{step(RiskClass::money, StepState::unknown, true)};
  EXPECT_EQ(judge_stop(StopReason::resolved, "", false, clear), (StopVerdict{.may_end = true, .outcome = "ticket.resolved"}));
  EXPECT_EQ(judge_stop(StopReason::draft_ready, "", false, clear).outcome, "ticket.drafted");
  EXPECT_EQ(judge_stop(StopReason::denied, "", false, clear), (StopVerdict{.may_end = true, .outcome = "ticket.denied"}));
  EXPECT_EQ(judge_stop(StopReason::denied, "denied_by_policy", true, clear).handoff_reason, "denied_by_policy");
  EXPECT_EQ(judge_stop(StopReason::escalated, "no_plan", false, clear),
            (StopVerdict{.may_end = true, .outcome = "ticket.escalated", .hands_off = true, .handoff_reason = "no_plan"}));
  EXPECT_EQ(judge_stop(StopReason::failed, "", false, clear).handoff_reason, "failed");
  EXPECT_EQ(judge_stop(StopReason::superseded, "", false, clear), (StopVerdict{.may_end = true, .next_run = true}));
  EXPECT_EQ(judge_stop(StopReason::cancelled, "x", true, clear), (StopVerdict{.may_end = true, .outcome = "ticket.cancelled"}));
  for (int r = 0; r < 7; ++r) EXPECT_EQ(judge_stop(static_cast<StopReason>(r), "x", false, unclear).handoff_reason, "effect_unknown");
}

TEST(HandoffPriorityTest, WhatMayBeOutWithoutAnybodyKnowingComesFirst) {
  EXPECT_EQ(priority_of("effect_unknown"), HandoffPriority::urgent);
  EXPECT_EQ(priority_of("unsupported_close"), HandoffPriority::high);
  EXPECT_EQ(priority_of("no_plan"), HandoffPriority::normal);
  EXPECT_EQ(priority_of("a_reason_of_a_later_version"), HandoffPriority::normal);
  EXPECT_EQ(priority_of("denied_by_policy"), HandoffPriority::low);
}

}  // namespace
}  // namespace countersign::domain
