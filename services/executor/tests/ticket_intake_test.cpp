#include <fmt/format.h>

#include "executor/tests/intake_fixture.hpp"

namespace countersign::executor::testing {

class TicketIntakeTest : public IntakeTest {
 protected:
  std::string ticket_column(const std::string& column, const std::string& ticket) {
    return text(fmt::format("SELECT {}::text FROM executor.ticket WHERE ticket_id = '{}'", column, ticket));
  }
  void open_elsewhere(const std::string& tenant, const std::string& ticket, const std::string& topic) {
    tell("ticket.opened",
         {{"tenant", tenant},
          {"ticket_id", ticket},
          {"requester", {{"id", "c-2"}}},
          {"requester_authenticated", true},
          {"text", "hi"},
          {"fields", nlohmann::json::object()}},
         "", topic);
  }
};

TEST_F(TicketIntakeTest, OpensARunWithTheTicket) {
  open("t-1", {{"order_id", "o-1"}});
  take_tickets();
  EXPECT_EQ(version("t-1"), 1);
  EXPECT_EQ(runs("t-1"), "1:awaiting_plan:1");
  EXPECT_EQ(ticket_column("fields", "t-1"), R"({"order_id":"o-1"})");
  EXPECT_EQ(heard_types("steps", "t-1"), "");
}

TEST_F(TicketIntakeTest, CountsARepeatedEventOnce) {
  open("t-1", nlohmann::json::object(), "first");
  open("t-1", nlohmann::json::object(), "first");
  take_tickets();
  open("t-1", nlohmann::json::object(), "first");
  take_tickets();
  EXPECT_EQ(version("t-1"), 1);
  EXPECT_EQ(dead(), "");
}

TEST_F(TicketIntakeTest, SetsAsideAnEventIdThatComesBackWithOtherContent) {
  open("t-1", {{"order_id", "o-1"}}, "first");
  take_tickets();
  open("t-1", {{"order_id", "o-2"}}, "first");
  update("t-2", nlohmann::json::object(), "first");
  take_tickets();
  EXPECT_EQ(version("t-1"), 2);
  EXPECT_EQ(version("t-2"), 1);
  EXPECT_EQ(dead(), "event_id_reused event_id_reused");
  EXPECT_EQ(ticket_column("fields", "t-1"), R"({"order_id":"o-1"})");
}

TEST_F(TicketIntakeTest, CountsEveryCopyOfWhatItCannotRead) {
  open("t-1");
  tell_raw("acme/t-1", "ticket.updated", "{");
  tell_raw("acme/t-1", "ticket.updated", "{");
  tell_raw("acme/t-1", "ticket.updated", R"({"tenant":"acme","ticket_id":"t-1","fields":{"a":1e400}})");
  take_tickets();
  EXPECT_EQ(version("t-1"), 4);
  EXPECT_EQ(number("SELECT count(*) FROM executor.dead_letter"), 3);
  EXPECT_EQ(runs("t-1"), "1:awaiting_plan:4");
}

TEST_F(TicketIntakeTest, CountsWhatItCannotReadBeforeTheTicketIsKnown) {
  tell_raw("acme/t-1", "ticket.opened", "[]");
  take_tickets();
  EXPECT_EQ(version("t-1"), 1);
  EXPECT_EQ(ticket_column("status", "t-1"), "unopened");
  open("t-1");
  take_tickets();
  EXPECT_EQ(runs("t-1"), "1:awaiting_plan:2");
}

TEST_F(TicketIntakeTest, KeepsEventsThatPrecedeTheOpening) {
  update("t-1", {{"a", 1}, {"b", 1}});
  add_message("t-1", "hello?");
  take_tickets();
  EXPECT_EQ(ticket_column("status", "t-1"), "unopened");
  update("t-1", {{"b", nullptr}, {"c", 3}});
  open("t-1", {{"a", 0}});
  take_tickets();
  EXPECT_EQ(version("t-1"), 4);
  EXPECT_EQ(ticket_column("fields", "t-1"), R"({"a":1,"c":3})");
  EXPECT_EQ(text("SELECT body FROM executor.ticket_message WHERE version = 2"), "hello?");
  EXPECT_EQ(number("SELECT count(*) FROM executor.ticket_event WHERE waiting IS NOT NULL"), 0);
  EXPECT_EQ(runs("t-1"), "1:awaiting_plan:4");
}

TEST_F(TicketIntakeTest, TellsOnceOfATicketThatWasClosedBeforeItWasOpened) {
  close("t-1");
  take_tickets();
  open("t-1");
  take_tickets();
  close("t-1");
  take_tickets();
  EXPECT_EQ(runs("t-1"), "");
  EXPECT_EQ(heard_types("outcomes", "t-1"), "ticket.cancelled");
}

TEST_F(TicketIntakeTest, TouchesNothingOfATenantThatTheRealmMayNotCarry) {
  open_elsewhere("globex", "t-9", "tickets");
  tell_raw("globex/t-9", "ticket.updated", "{");
  take_tickets();
  EXPECT_EQ(version("t-9"), -1);
  EXPECT_EQ(number("SELECT count(*) FROM executor.dead_letter"), 2);
  EXPECT_NE(dead().find("tenant_not_in_realm"), std::string::npos);
}

TEST_F(TicketIntakeTest, SetsAsideWhatComesThroughAnotherRealmThanItsTicket) {
  open("t-1", nlohmann::json::object(), "first");
  take_tickets();
  tell("ticket.updated", {{"tenant", "acme"}, {"ticket_id", "t-1"}, {"fields", {{"a", 1}}}}, "", "tickets.side");
  take_tickets();
  EXPECT_EQ(dead(), "wrong_realm");
  EXPECT_EQ(version("t-1"), 2);
  EXPECT_EQ(ticket_column("fields", "t-1"), "{}");
}

TEST_F(TicketIntakeTest, SetsAsideABodyThatContradictsItsKey) {
  open("t-1");
  tell_raw("acme/t-1", "ticket.closed", R"({"tenant":"acme","ticket_id":"t-2"})");
  tell_raw("acme/t-1", "ticket.closed", R"({"tenant":"globex","ticket_id":"t-1"})");
  take_tickets();
  EXPECT_EQ(dead(), "key_contradicts_body tenant_contradicts_key");
  EXPECT_EQ(version("t-1"), 3);
  EXPECT_EQ(ticket_column("status", "t-1"), "open");
}

TEST_F(TicketIntakeTest, SetsAsideATypeThatDoesNotBelongWithoutCountingIt) {
  open("t-1");
  tell_raw("acme/t-1", "ticket.exploded", "{}");
  tell_raw("acme/t-1", "plan.proposed", "{}");
  take_tickets();
  EXPECT_EQ(version("t-1"), 1);
  EXPECT_EQ(dead(), "type_unknown type_unknown");
}

TEST_F(TicketIntakeTest, BelievesWhatASourceSaysOfItsRequesterOnlyOnTheRealmsWord) {
  open("t-1");
  open_elsewhere("acme", "t-2", "tickets.side");
  take_tickets();
  EXPECT_EQ(ticket_column("status", "t-2"), "open");
  EXPECT_EQ(ticket_column("authenticated", "t-1"), "true");
  EXPECT_EQ(ticket_column("authenticated", "t-2"), "false");
  EXPECT_EQ(ticket_column("realm", "t-2"), "side");
}

TEST_F(TicketIntakeTest, TellsTheRealmOfTheTicketHowItEnded) {
  open_elsewhere("acme", "t-2", "tickets.side");
  tell("ticket.closed", {{"tenant", "acme"}, {"ticket_id", "t-2"}}, "", "tickets.side");
  take_tickets();
  EXPECT_EQ(dead(), "");
  EXPECT_EQ(runs("t-2"), "1:stopped:1:cancelled");
  EXPECT_EQ(heard_types("outcomes.side", "t-2"), "ticket.cancelled");
  EXPECT_EQ(heard_types("outcomes", "t-2"), "");
}

TEST_F(TicketIntakeTest, CancelsTheRunOfAClosedTicketOnce) {
  open("t-1");
  take_tickets();
  close("t-1");
  close("t-1");
  add_message("t-1", "and another thing");
  take_tickets();
  EXPECT_EQ(runs("t-1"), "1:stopped:1:cancelled");
  EXPECT_EQ(heard_types("steps", "t-1"), "run.stopped");
  EXPECT_EQ(heard_types("outcomes", "t-1"), "ticket.cancelled");
  EXPECT_EQ(version("t-1"), 4);
}

TEST_F(TicketIntakeTest, OpensAClosedTicketAgain) {
  open("t-1", {{"a", 1}});
  close("t-1");
  take_tickets();
  open("t-1", {{"b", 2}});
  take_tickets();
  EXPECT_EQ(runs("t-1"), "1:stopped:1:cancelled 2:awaiting_plan:3");
  EXPECT_EQ(ticket_column("fields", "t-1"), R"({"b":2})");
}

TEST_F(TicketIntakeTest, SetsAsideASecondOpening) {
  open("t-1", {{"a", 1}});
  take_tickets();
  open("t-1", {{"a", 2}});
  take_tickets();
  EXPECT_EQ(dead(), "ticket_already_opened");
  EXPECT_EQ(version("t-1"), 2);
  EXPECT_EQ(ticket_column("fields", "t-1"), R"({"a":1})");
}

TEST_F(TicketIntakeTest, KeepsARunInWhichNothingHasHappened) {
  open("t-1");
  take_tickets();
  for (int i = 0; i < 20; ++i) update("t-1", {{"n", i}});
  take_tickets();
  EXPECT_EQ(runs("t-1"), "1:awaiting_plan:21");
  EXPECT_EQ(heard_types("steps", "t-1"), "");
}

TEST_F(TicketIntakeTest, SupersedesARunThatHasAPlan) {
  open("t-1");
  take_tickets();
  propose("t-1", 1, 0, {lookup("order"), note("answer")});
  take_plans();
  add_message("t-1", "wait");
  take_tickets();
  EXPECT_EQ(runs("t-1"), "1:stopped:1:superseded 2:awaiting_plan:2");
  EXPECT_EQ(steps("t-1"), "1:withdrawn* 2:withdrawn");
  EXPECT_EQ(heard_types("steps", "t-1"), "step.withdrawn run.stopped");
  EXPECT_EQ(heard_types("outcomes", "t-1"), "");
}

TEST_F(TicketIntakeTest, OpensTheNextRunWhenAMessageFollowsTheEnd) {
  open("t-1");
  take_tickets();
  propose("t-1", 1, 0, nlohmann::json::array(), {{"stop_reason", "resolved"}});
  take_plans();
  EXPECT_EQ(heard_types("outcomes", "t-1"), "ticket.resolved");
  tell_raw("acme/t-1", "ticket.updated", "{");
  take_tickets();
  EXPECT_EQ(runs("t-1"), "1:stopped:1:resolved");
  add_message("t-1", "it is still broken");
  take_tickets();
  EXPECT_EQ(runs("t-1"), "1:stopped:1:resolved 2:awaiting_plan:3");
}

TEST_F(TicketIntakeTest, TellsOnceOfATicketThatHasUsedUpItsRuns) {
  open("t-1");
  take_tickets();
  for (int round = 1; round <= 13; ++round) {
    const std::int64_t said = static_cast<std::int64_t>(heard("steps", "t-1").size());
    propose("t-1", round, said, nlohmann::json::array(), {{"stop_reason", "resolved"}});
    take_plans();
    add_message("t-1", "again");
    take_tickets();
  }
  EXPECT_EQ(number("SELECT count(*) FROM executor.run"), 10);
  const auto outcomes = heard("outcomes", "t-1");
  ASSERT_EQ(outcomes.size(), 11U);
  EXPECT_EQ(outcomes.back().type, "ticket.escalated");
  EXPECT_EQ(outcomes.back().data["run"], 0);
  EXPECT_EQ(outcomes.back().data["codes"], nlohmann::json::array({"runs_exhausted"}));
  EXPECT_EQ(heard("referrals", "t-1").size(), 4U);
}

TEST_F(TicketIntakeTest, RefusesFieldsThatGrowWithoutEnd) {
  open("t-1");
  take_tickets();
  const std::string long_text(16'000, 'x');
  for (int i = 0; i < 20; ++i) update("t-1", {{fmt::format("f{}", i), long_text}});
  take_tickets();
  EXPECT_EQ(version("t-1"), 21);
  EXPECT_LT(number("SELECT length(fields::text) FROM executor.ticket"), 300'000);
  EXPECT_NE(dead().find("fields_too_large"), std::string::npos);
}

TEST_F(TicketIntakeTest, WaitsWithEverythingUntilThereIsAConfiguration) {
  catalog::Catalog nothing{{"tenant", "realm"}};
  PlanDesk desk{conductor, nothing, telemetry};
  TicketIntake intake{store, conductor, desk, nothing, bell, telemetry};
  pipeline::StageOptions options;
  options.topic = "tickets";
  options.topics = {"tickets"};
  options.sequenced = false;
  ticket_stage->leave(std::chrono::seconds{1});
  pipeline::Stage stage{broker, parts, intake, options};
  open("t-1");
  for (int turn = 0; turn < 5; ++turn) EXPECT_EQ(stage.run_once(std::chrono::milliseconds{10}), 0U);
  EXPECT_EQ(dead(), "");
  ASSERT_TRUE(nothing.refresh(*admin).has_value());
  std::size_t taken = 0;
  for (int turn = 0; turn < 200 && taken == 0; ++turn) taken = stage.run_once(std::chrono::milliseconds{20});
  EXPECT_EQ(version("t-1"), 1);
}

}  // namespace countersign::executor::testing
