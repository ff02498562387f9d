#include "executor/tests/intake_fixture.hpp"

namespace countersign::executor::testing {

using nlohmann::json;

class RunConductorTest : public IntakeTest {
 protected:
  // A ticket whose plan reads, then writes; the read is done and the note claimed.
  void note_under_way() {
    open("t-1");
    take_tickets();
    propose("t-1", 1, 0, {lookup("order"), note("first"), note("second")}, {{"stop_reason", "resolved"}});
    take_plans();
    succeed("t-1", 1, 1);
    claim("t-1", 1, 2);
  }
  void lose_note() {
    in_batch("t-1", [&](TicketCase& one, pipeline::Batch& batch) {
      Step& step = *one.find_step(1, 2);
      conductor.move_effect(one, *one.find_effect(1, 2), domain::EffectEvent::lose_answer, {"answer_lost"}, batch);
      conductor.move_step(one, step, domain::StepEvent::lose_answer, {"answer_lost"}, batch);
      conductor.step_ended(one, step, {}, batch);
    });
  }
  void settle_note(domain::StepEvent event, domain::EffectEvent effect_event, std::vector<std::string> codes = {}) {
    in_batch("t-1", [&](TicketCase& one, pipeline::Batch& batch) {
      Step& step = *one.find_step(1, 2);
      conductor.move_effect(one, *one.find_effect(1, 2), effect_event, codes, batch);
      conductor.move_step(one, step, event, codes, batch);
      conductor.step_ended(one, step, {}, batch);
    });
  }
  void note_overdue() {
    in_batch("t-1", [&](TicketCase& one, pipeline::Batch& batch) { conductor.effect_overdue(one, *one.find_effect(1, 2), batch); });
  }
};

TEST_F(RunConductorTest, GivesEachStepItsTurnAfterTheOneBefore) {
  note_under_way();
  EXPECT_EQ(steps("t-1"), "1:succeeded* 2:claimed* 3:ready");
  settle_note(domain::StepEvent::succeed, domain::EffectEvent::succeed);
  EXPECT_EQ(steps("t-1"), "1:succeeded* 2:succeeded* 3:ready*");
}

TEST_F(RunConductorTest, StopsThePlanAtAFailedStepAndAsksThePlanner) {
  note_under_way();
  settle_note(domain::StepEvent::fail, domain::EffectEvent::fail, {"tool_refused"});
  EXPECT_EQ(steps("t-1"), "1:succeeded* 2:failed* 3:dropped");
  EXPECT_EQ(runs("t-1"), "1:awaiting_plan:1");
  EXPECT_EQ(heard("steps", "t-1").back().data["codes"], json::array({"tool_refused"}));
  propose("t-1", 1, 2, json::array(), {{"stop_reason", "escalated"}, {"reason", "cannot_note"}});
  take_plans();
  EXPECT_EQ(heard("outcomes", "t-1").at(0).type, "ticket.escalated");
}

TEST_F(RunConductorTest, EscalatesInsteadOfAskingThePlannerWhereItIsTold) {
  note_under_way();
  in_batch("t-1", [&](TicketCase& one, pipeline::Batch& batch) {
    Step& step = *one.find_step(1, 2);
    conductor.move_effect(one, *one.find_effect(1, 2), domain::EffectEvent::fail, {"not_done"}, batch);
    conductor.move_step(one, step, domain::StepEvent::fail, {"not_done"}, batch);
    conductor.step_ended(one, step, {}, batch, "effect_unresolved");
  });
  EXPECT_EQ(runs("t-1"), "1:stopped:1:escalated");
  EXPECT_EQ(heard("referrals", "t-1").at(0).data["reason"], "effect_unresolved");
}

TEST_F(RunConductorTest, EndsNoRunWhileACallMayBeUnderWay) {
  note_under_way();
  add_message("t-1", "stop that");
  take_tickets();
  EXPECT_EQ(runs("t-1"), "1:stopping:1:superseded");
  EXPECT_EQ(steps("t-1"), "1:succeeded* 2:claimed* 3:withdrawn");
  EXPECT_EQ(heard_types("steps", "t-1"), "step.succeeded");
  lose_note();
  EXPECT_EQ(runs("t-1"), "1:stopping:1:superseded");
  settle_note(domain::StepEvent::succeed, domain::EffectEvent::succeed);
  EXPECT_EQ(runs("t-1"), "1:stopped:1:superseded 2:awaiting_plan:2");
  EXPECT_EQ(heard_types("steps", "t-1"), "step.succeeded step.unknown step.succeeded run.stopped");
  EXPECT_EQ(heard("steps", "t-1").back().data["effects"][0]["state"], "succeeded");
}

TEST_F(RunConductorTest, LetsACloseOverrideAnUpdateWhileTheRunStops) {
  note_under_way();
  add_message("t-1", "stop that");
  close("t-1");
  take_tickets();
  settle_note(domain::StepEvent::succeed, domain::EffectEvent::succeed);
  EXPECT_EQ(runs("t-1"), "1:stopped:1:cancelled");
  EXPECT_EQ(heard_types("outcomes", "t-1"), "ticket.cancelled");
  EXPECT_EQ(heard("outcomes", "t-1").at(0).data["effects"][0]["state"], "succeeded");
}

TEST_F(RunConductorTest, EndsWhatWasPutBackAsNotDoneWhenTheRunStops) {
  note_under_way();
  in_batch("t-1", [&](TicketCase& one, pipeline::Batch& batch) {
    conductor.move_effect(one, *one.find_effect(1, 2), domain::EffectEvent::put_back, {}, batch);
    conductor.move_step(one, *one.find_step(1, 2), domain::StepEvent::put_back, {}, batch);
  });
  close("t-1");
  take_tickets();
  EXPECT_EQ(steps("t-1"), "1:succeeded* 2:failed* 3:withdrawn");
  EXPECT_EQ(text("SELECT state FROM executor.effect"), "failed");
  EXPECT_EQ(heard_types("steps", "t-1"), "step.succeeded step.failed run.stopped");
  EXPECT_EQ(heard("steps", "t-1").at(1).data["codes"], json::array({"not_done"}));
}

TEST_F(RunConductorTest, WaitsForAnUnknownEffectAndThenGoesOn) {
  note_under_way();
  lose_note();
  EXPECT_EQ(runs("t-1"), "1:running:1");
  propose("t-1", 1, 2, json::array(), {{"stop_reason", "resolved"}});
  take_plans();
  EXPECT_EQ(runs("t-1"), "1:running:1");
  settle_note(domain::StepEvent::succeed, domain::EffectEvent::succeed);
  EXPECT_EQ(steps("t-1"), "1:succeeded* 2:succeeded* 3:ready*");
}

TEST_F(RunConductorTest, HandsOverAnEffectThatStaysUnknownOnce) {
  note_under_way();
  lose_note();
  note_overdue();
  note_overdue();
  EXPECT_EQ(runs("t-1"), "1:stopped:1:escalated");
  EXPECT_EQ(steps("t-1"), "1:succeeded* 2:unknown* 3:withdrawn");
  ASSERT_EQ(heard("referrals", "t-1").size(), 1U);
  EXPECT_EQ(heard("referrals", "t-1")[0].data["reason"], "effect_unknown");
  EXPECT_EQ(heard("referrals", "t-1")[0].data["priority"], "urgent");
  EXPECT_EQ(heard("outcomes", "t-1").at(0).data["effects"][0]["state"], "unknown");
}

TEST_F(RunConductorTest, SaysNothingMoreOfARunThatHasEnded) {
  note_under_way();
  lose_note();
  note_overdue();
  const auto said = heard("steps", "t-1").size();
  settle_note(domain::StepEvent::succeed, domain::EffectEvent::succeed);
  EXPECT_EQ(heard("steps", "t-1").size(), said);
  EXPECT_EQ(text("SELECT state FROM executor.effect"), "succeeded");
}

TEST_F(RunConductorTest, KeepsTheMessageOfEveryChangeThatOwesOne) {
  note_under_way();
  settle_note(domain::StepEvent::fail, domain::EffectEvent::fail, {"tool_refused"});
  propose("t-1", 1, 2, json::array(), {{"stop_reason", "escalated"}});
  take_plans();
  const auto said = heard("steps", "t-1").size() + heard("outcomes", "t-1").size() + heard("referrals", "t-1").size();
  EXPECT_EQ(number("SELECT count(DISTINCT outbox_id) FROM executor.transition"), static_cast<std::int64_t>(said));
  EXPECT_EQ(number("SELECT count(outbox_id) FROM executor.transition"), static_cast<std::int64_t>(said));
  EXPECT_EQ(text("SELECT string_agg(event, ' ' ORDER BY id) FROM audit.entry"),
            "run_opened plan_accepted plan_accepted run_stopped ticket_handed_off");
}

TEST_F(RunConductorTest, EscalatesARunForWhichNoPlanComes) {
  open("t-1");
  open("t-2");
  take_tickets();
  propose("t-2", 1, 0, {lookup("order")});
  take_plans();
  NoPlanClock patient{parts, store, conductor};
  EXPECT_EQ(patient.strike_once(), 0U);
  NoPlanClock impatient{parts, store, conductor, {.longest_wait = std::chrono::milliseconds{0}}};
  EXPECT_EQ(impatient.strike_once(), 1U);
  EXPECT_EQ(impatient.strike_once(), 0U);
  EXPECT_EQ(runs("t-1"), "1:stopped:1:escalated");
  EXPECT_EQ(runs("t-2"), "1:running:1");
  EXPECT_EQ(heard("referrals", "t-1").at(0).data["reason"], "no_plan");
}

}  // namespace countersign::executor::testing
