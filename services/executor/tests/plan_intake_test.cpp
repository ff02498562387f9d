#include <fmt/format.h>

#include "executor/tests/intake_fixture.hpp"

namespace countersign::executor::testing {

using nlohmann::json;

class PlanIntakeTest : public IntakeTest {
 protected:
  void opened() {
    open("t-1", {{"order_id", "o-1"}});
    take_tickets();
  }
  std::string codes_of_last_step_message() {
    const auto all = heard("steps", "t-1");
    return all.empty() ? "" : all.back().data.value("codes", json::array()).dump();
  }
};

TEST_F(PlanIntakeTest, GivesTheFirstStepOfAPlanItsTurn) {
  opened();
  propose("t-1", 1, 0, {lookup("order"), note("answer")}, {{"stop_reason", "resolved"}});
  take_plans();
  EXPECT_EQ(runs("t-1"), "1:running:1");
  EXPECT_EQ(steps("t-1"), "1:ready* 2:ready");
  EXPECT_EQ(text("SELECT string_agg(risk, ' ' ORDER BY step) FROM executor.step"), "read reversible");
  EXPECT_EQ(text("SELECT agent FROM executor.run"), "desk@1");
}

TEST_F(PlanIntakeTest, HoldsAPlanForATicketItHasNotHeardOf) {
  propose("t-1", 1, 0, {lookup("order")});
  take_plans();
  EXPECT_EQ(version("t-1"), 0);
  opened();
  EXPECT_EQ(runs("t-1"), "1:running:1");
  EXPECT_EQ(text("SELECT held_plan::text FROM executor.ticket"), "");
}

TEST_F(PlanIntakeTest, HoldsThePlanForTheLatestVersion) {
  opened();
  propose("t-1", 3, 0, {note("third")});
  propose("t-1", 2, 0, {note("second")});
  take_plans();
  update("t-1", {{"a", 1}});
  take_tickets();
  EXPECT_EQ(runs("t-1"), "1:awaiting_plan:2");
  update("t-1", {{"a", 2}});
  take_tickets();
  EXPECT_EQ(runs("t-1"), "1:running:3");
  EXPECT_EQ(text("SELECT name FROM executor.step"), "third");
}

TEST_F(PlanIntakeTest, NeverStartsOnATicketThatIsNotOpened) {
  update("t-1", {{"a", 1}});
  take_tickets();
  propose("t-1", 1, 0, {note("early")});
  take_plans();
  EXPECT_EQ(runs("t-1"), "");
  open("t-1");
  take_tickets();
  EXPECT_EQ(runs("t-1"), "1:awaiting_plan:2");
}

TEST_F(PlanIntakeTest, DropsAPlanMadeForWhatIsOver) {
  opened();
  update("t-1", {{"a", 1}});
  take_tickets();
  propose("t-1", 1, 0, {note("old")});
  propose("t-1", 2, 7, {note("fantasy")});
  take_plans();
  EXPECT_EQ(runs("t-1"), "1:awaiting_plan:2");
  EXPECT_EQ(number("SELECT turns FROM executor.run"), 0);
  EXPECT_EQ(heard_types("steps", "t-1"), "");
}

TEST_F(PlanIntakeTest, DropsAPlanForAClosedTicket) {
  opened();
  close("t-1");
  take_tickets();
  propose("t-1", 2, 1, {note("late")});
  take_plans();
  EXPECT_EQ(number("SELECT count(*) FROM executor.step"), 0);
}

TEST_F(PlanIntakeTest, RejectsWhatCanNeverFit) {
  opened();
  const std::vector<std::pair<json, std::string>> bad{
      {{{"name", "a"}, {"tool", "launch_missile"}, {"arguments", json::object()}}, R"(["tool_unknown"])"},
      {{{"name", "a"}, {"tool", "lookup_order"}, {"arguments", json::object()}}, R"(["arguments_invalid"])"},
      {{{"name", "a"}, {"tool", "lookup_order"}, {"arguments", {{"order_id", 7}}}}, R"(["arguments_invalid"])"},
      {{{"name", "a"}, {"tool", "lookup_order"}, {"arguments", {{"order_id", {{"$from", "evidence:a#/id"}}}}}},
       R"(["evidence_step_unknown"])"},
  };
  std::int64_t said = 0;
  for (const auto& [step, codes] : bad) {
    propose("t-1", 1, said++, {step});
    take_plans();
    EXPECT_EQ(codes_of_last_step_message(), codes);
  }
  EXPECT_EQ(number("SELECT turns FROM executor.run"), 4);
  EXPECT_EQ(number("SELECT count(*) FROM executor.step"), 0);
}

TEST_F(PlanIntakeTest, EscalatesWhenAPlannerSendsOnlyRubbish) {
  opened();
  for (int i = 0; i < 7; ++i) send_plan("acme/t-1", "{\"steps\":");
  take_plans();
  EXPECT_EQ(runs("t-1"), "1:stopped:1:escalated");
  EXPECT_EQ(heard_types("steps", "t-1"), "step.rejected step.rejected step.rejected step.rejected step.rejected run.stopped");
  EXPECT_EQ(heard_types("outcomes", "t-1"), "ticket.escalated");
  ASSERT_EQ(heard("referrals", "t-1").size(), 1U);
  EXPECT_EQ(heard("referrals", "t-1")[0].data["reason"], "turns_exhausted");
  EXPECT_EQ(number("SELECT count(*) FROM executor.dead_letter"), 7);
}

TEST_F(PlanIntakeTest, SetsAsideAPlanForAnotherTicketThanItsKey) {
  opened();
  open("t-2");
  take_tickets();
  json plan{
      {"tenant", "acme"},        {"ticket_id", "t-2"}, {"ticket_version", 1}, {"after", 0}, {"agent", {{"name", "desk"}, {"version", 1}}},
      {"steps", {note("steal")}}};
  send_plan("acme/t-1", plan.dump());
  plan["tenant"] = "globex";
  plan["ticket_id"] = "t-1";
  send_plan("acme/t-1", plan.dump());
  take_plans();
  EXPECT_EQ(dead(), "key_contradicts_body tenant_contradicts_key");
  EXPECT_EQ(number("SELECT count(*) FROM executor.step"), 0);
  EXPECT_EQ(heard_types("steps", "t-1"), "step.rejected step.rejected");
  EXPECT_EQ(heard_types("steps", "t-2"), "");
}

TEST_F(PlanIntakeTest, RejectsAStepThatWouldShadowEvidence) {
  opened();
  propose("t-1", 1, 0, {lookup("order")});
  take_plans();
  succeed("t-1", 1, 1, {{"id", "o-1"}});
  EXPECT_EQ(runs("t-1"), "1:awaiting_plan:1");
  propose("t-1", 1, 1, {lookup("order", "o-2")});
  take_plans();
  EXPECT_EQ(codes_of_last_step_message(), R"(["step_name_taken"])");
  propose(
      "t-1", 1, 2,
      {lookup("other", "o-2"), {{"name", "answer"}, {"tool", "leave_note"}, {"arguments", {{"text", {{"$from", "evidence:order#/id"}}}}}}});
  take_plans();
  EXPECT_EQ(steps("t-1"), "1:succeeded* 2:ready* 3:ready");
}

TEST_F(PlanIntakeTest, EndsTheRunAsThePlanProposesWhenTheStepsBearItOut) {
  opened();
  propose("t-1", 1, 0, {lookup("order"), note("answer")},
          {{"stop_reason", "resolved"},
           {"resolution", {{"category", "shipping"}, {"action_taken", "note"}, {"resolution", "told"}, {"requires_followup", true}}}});
  take_plans();
  succeed("t-1", 1, 1);
  succeed("t-1", 1, 2);
  EXPECT_EQ(runs("t-1"), "1:stopped:1:resolved");
  EXPECT_EQ(heard_types("steps", "t-1"), "step.succeeded step.succeeded run.stopped");
  const auto outcome = heard("outcomes", "t-1").at(0);
  EXPECT_EQ(outcome.type, "ticket.resolved");
  EXPECT_EQ(outcome.data["resolution"]["category"], "shipping");
  EXPECT_EQ(outcome.data["requires_followup"], true);
  EXPECT_EQ(outcome.data["effects"].size(), 1U);
  EXPECT_EQ(outcome.data["effects"][0]["state"], "succeeded");
}

TEST_F(PlanIntakeTest, EscalatesAnEndThatTheStepsDoNotBearOut) {
  opened();
  propose("t-1", 1, 0, json::array(), {{"stop_reason", "denied"}, {"reason", "not_entitled"}});
  take_plans();
  EXPECT_EQ(runs("t-1"), "1:stopped:1:escalated");
  EXPECT_EQ(heard("outcomes", "t-1").at(0).data["codes"], json::array({"unsupported_close"}));
  EXPECT_EQ(heard("referrals", "t-1").at(0).data["priority"], "high");
}

TEST_F(PlanIntakeTest, AppliesOneOfManyPlansPerTicket) {
  constexpr int tickets = 100;
  for (int i = 0; i < tickets; ++i) open(fmt::format("t-{}", i));
  take_tickets();
  for (int copy = 0; copy < 20; ++copy)
    for (int i = 0; i < tickets; ++i) propose(fmt::format("t-{}", i), 1, 0, {lookup("order"), note("answer")});
  take_plans();
  EXPECT_EQ(number("SELECT count(*) FROM executor.step"), 2 * tickets);
  EXPECT_EQ(number("SELECT count(*) FROM executor.run WHERE state = 'running' AND turns = 1"), tickets);
}

}  // namespace countersign::executor::testing
