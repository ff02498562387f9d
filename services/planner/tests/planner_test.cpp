// The planner's two intakes on a real database, with the log in memory.

#include "contracts/codec.hpp"
#include "foundation/testing/service_lab.hpp"
#include "planner/sql.hpp"
#include "planner/step_intake.hpp"
#include "planner/territory.hpp"
#include "planner/tests/given.hpp"
#include "planner/ticket_intake.hpp"

namespace countersign::planner {
namespace {

using namespace testing;
using nlohmann::json;

const std::vector<std::string> configuration{
    R"({"kind":"tenant","name":"acme","version":1,"display_name":"Acme"})",
    R"({"kind":"tenant","name":"globex","version":1,"display_name":"Globex"})",
    R"({"kind":"realm","name":"main","version":1,"tenants":["acme"],"trust":{"requester":"authenticated","verified_fields":["/fields/topic"]}})",
    R"({"kind":"realm","name":"shared","version":1,"tenants":["acme","globex"],"trust":{"requester":"unverified","verified_fields":[]}})",
    R"({"kind":"playbook","tenant":"acme","name":"refund","version":3,"agent":{"name":"support","version":2},"category":"billing",
        "match":{"all":[{"pointer":"/fields/topic","in":["refund"]}]},
        "turns":[{"on":"start","steps":[{"name":"look","tool":"lookup_order","arguments":{"order_id":{"$from":"ticket:/fields/order_id"}}},
                                        {"name":"pay","tool":"issue_refund","arguments":{}}],"close":{"stop_reason":"resolved"}},
                 {"on":"step.denied","codes":["over_limit"],"steps":[{"name":"offer","tool":"draft_reply","arguments":{}}],
                  "close":{"stop_reason":"draft_ready"}},
                 {"on":"step.changes_requested","steps":[{"name":"less","tool":"issue_refund","arguments":{}}],"close":{"stop_reason":"resolved"}}]})",
    R"({"kind":"playbook","tenant":"acme","name":"by-order","version":1,"agent":{"name":"support","version":2},"category":"account","priority":5,
        "match":{"all":[{"pointer":"/actor/id","exists":true},{"pointer":"/instruction","in":["suspend"]}]},
        "turns":[{"on":"start","steps":[{"name":"stop","tool":"suspend_account","arguments":{"by":{"$from":"ticket:/actor/id"}}}],
                  "close":{"stop_reason":"resolved"}}]})"};

class PlannerTest : public ::testing::Test {
 protected:
  PlannerTest() { lab.configure(configuration); }

  void ticket(const std::string& type, json data, const std::string& id = "", const std::string& topic = "tickets",
              const std::string& key = "acme/T-1") {
    const auto parts = *contracts::split_key(key);
    data["tenant"] = parts.tenant;
    data["ticket_id"] = parts.ticket;
    lab.send({.topic = topic, .key = key, .type = type, .data = data.dump(), .id = id});
  }
  void opened(const std::string& id = "", const std::string& topic = "tickets") {
    ticket("ticket.opened",
           {{"requester", {{"id", "c-1"}}}, {"text", "money back"}, {"fields", {{"topic", "refund"}, {"order_id", "A-7"}}}}, id, topic);
  }
  void updated(json fields, const std::string& id = "") { ticket("ticket.updated", {{"fields", std::move(fields)}}, id); }
  void say(const contracts::Event& event) {
    lab.send({.topic = "steps", .type = std::string(contracts::type_of(event)), .data = contracts::encode(event), .sequence = ++said});
  }

  json last_plan() { return plans().empty() ? json() : plans().back(); }
  std::vector<json> plans() { return lab.sent("plans"); }
  std::int64_t version() { return lab.number("version", "SELECT coalesce(max(version), 0) FROM conversation WHERE ticket_id = 'T-1'"); }
  std::string stored_fields() {
    return lab.admin().execute({"fields", "SELECT fields::text FROM conversation WHERE ticket_id = 'T-1'"})[0].get<std::string>(0);
  }

  foundation::testing::ServiceLab lab{territory(), {"tickets", "tickets.shared", "steps", "plans"}, {"tenant", "realm", "playbook"}};
  ConversationStore store;
  Proposer proposer{lab.telemetry().metrics};
  TicketIntake ticket_intake{store, proposer, lab.catalog(), lab.telemetry()};
  StepIntake step_intake{store, proposer, lab.catalog(), lab.telemetry()};
  pipeline::Stage& tickets =
      lab.core().add_stage(ticket_intake, {.topic = "tickets", .sequenced = false, .acquaintance = pipeline::Acquaintance::fresh});
  pipeline::Stage& steps = lab.core().add_stage(step_intake, {.topic = "steps"});
  std::int64_t said = 0;
};

TEST_F(PlannerTest, ProposesTheMatchingPlaybookForANewTicket) {
  opened();
  lab.run(tickets, 1);
  const json plan = last_plan();
  EXPECT_EQ(plan["ticket_version"], 1);
  EXPECT_EQ(plan["after"], 0);
  EXPECT_EQ(plan["playbook"], "refund@3");
  EXPECT_EQ(plan["steps"][0]["arguments"]["order_id"]["$from"], "ticket:/fields/order_id");
  EXPECT_EQ(plan["close"]["stop_reason"], "resolved");
  EXPECT_EQ(lab.number("interactions", "SELECT count(*) FROM remark WHERE event = 'plan.proposed' AND outbox_id IS NOT NULL"), 1);
}

TEST_F(PlannerTest, CountsFreshEventsAndNotTheirCopies) {
  opened("e-1");
  updated({{"amount", 5}}, "e-2");
  updated({{"amount", 5}}, "e-2");
  opened("e-1");
  lab.run(tickets, 4);
  EXPECT_EQ(version(), 2);
  ASSERT_EQ(plans().size(), 1u);
  EXPECT_EQ(last_plan()["ticket_version"], 2);
  EXPECT_EQ(lab.dead(), "");
}

TEST_F(PlannerTest, SaysNothingForACopyThatComesLater) {
  opened("e-1");
  lab.run(tickets, 1);
  opened("e-1");
  lab.run(tickets, 1);
  EXPECT_EQ(plans().size(), 1u);
}

TEST_F(PlannerTest, CountsWhatItCannotReadAndPlansAfresh) {
  opened();
  lab.run(tickets, 1);
  lab.send({.topic = "tickets", .type = "ticket.updated", .data = "{\"fields\":"});
  lab.run(tickets, 1);
  EXPECT_EQ(version(), 2);
  EXPECT_EQ(last_plan()["ticket_version"], 2);
  EXPECT_EQ(lab.dead(), "json_malformed ");
}

TEST_F(PlannerTest, SetsAsideOtherContentUnderAKnownId) {
  opened("e-1");
  updated({{"topic", "refund"}}, "e-1");
  lab.run(tickets, 2);
  EXPECT_EQ(version(), 2);
  EXPECT_EQ(lab.dead(), "event_id_reused ");
}

TEST_F(PlannerTest, LetsNoStrangersRealmTouchATicket) {
  opened();
  lab.run(tickets, 1);
  ticket("ticket.closed", json::object(), "", "tickets.shared");
  lab.run(tickets, 1);
  EXPECT_EQ(lab.dead(), "wrong_realm ");
  EXPECT_EQ(version(), 2);
  ticket("ticket.closed", json::object(), "", "tickets", "globex/T-1");
  lab.run(tickets, 1);
  EXPECT_EQ(lab.dead(), "wrong_realm tenant_not_in_realm ");
  EXPECT_EQ(lab.number("strangers", "SELECT count(*) FROM conversation WHERE tenant_id = 'globex'"), 0);
}

TEST_F(PlannerTest, KeepsWhatComesBeforeTheTicketIsOpened) {
  updated({{"topic", "other"}});
  lab.run(tickets, 1);
  EXPECT_TRUE(plans().empty());
  opened();
  lab.run(tickets, 1);
  EXPECT_EQ(json::parse(stored_fields())["topic"], "other");
  EXPECT_EQ(last_plan()["ticket_version"], 2);
  EXPECT_EQ(last_plan()["close"]["reason"], "no_playbook");
  EXPECT_EQ(lab.number("waiting", "SELECT count(*) FROM ticket_event WHERE waiting IS NOT NULL"), 0);
}

TEST_F(PlannerTest, SaysNothingAboutAClosedTicketUntilItIsOpenedAgain) {
  opened();
  ticket("ticket.closed", json::object());
  lab.run(tickets, 2);
  EXPECT_TRUE(plans().empty());
  ticket("ticket.message_added", {{"author", {{"kind", "requester"}}}, {"text", "hello?"}});
  lab.run(tickets, 1);
  EXPECT_TRUE(plans().empty());
  opened();
  lab.run(tickets, 1);
  EXPECT_EQ(last_plan()["ticket_version"], 4);
}

TEST_F(PlannerTest, SaysItAgainWhenTheStoppedRunCrossedItsPlan) {
  opened();
  lab.run(tickets, 1);
  updated({{"amount", 5}});
  lab.run(tickets, 1);
  say(stopped(1, 1, "superseded"));
  lab.run(steps, 1);
  ASSERT_EQ(plans().size(), 3u);
  EXPECT_EQ(last_plan()["ticket_version"], 2);
  EXPECT_EQ(last_plan()["after"], 1);
}

TEST_F(PlannerTest, AnswersADenialWithThePlaybooksTurn) {
  opened();
  lab.run(tickets, 1);
  say(succeeded(1, 1, 1, "look"));
  lab.run(steps, 1);
  EXPECT_EQ(plans().size(), 1u);
  say(ended("denied", 1, 1, 2, {"over_limit"}));
  lab.run(steps, 1);
  EXPECT_EQ(last_plan()["after"], 2);
  EXPECT_EQ(last_plan()["steps"][0]["tool"], "draft_reply");
}

TEST_F(PlannerTest, ProposesAgainWhenAPersonWantsItDifferently) {
  opened();
  lab.run(tickets, 1);
  say(succeeded(1, 1, 1, "look"));
  auto wanted = ended("changes_requested", 1, 1, 2, {"changes_requested"});
  wanted.text = "half of it";
  say(wanted);
  lab.run(steps, 2);
  EXPECT_EQ(last_plan()["after"], 2);
  EXPECT_EQ(last_plan()["steps"][0]["name"], "less");
  EXPECT_EQ(lab.number("wishes", "SELECT count(*) FROM remark WHERE event = 'step.changes_requested' AND detail->>'text' = 'half of it'"),
            1);
}

TEST_F(PlannerTest, EscalatesAnExpiredApprovalThatThePlaybookDoesNotExpect) {
  opened();
  lab.run(tickets, 1);
  say(ended("expired", 1, 1, 1));
  lab.run(steps, 1);
  EXPECT_EQ(last_plan()["close"]["reason"], "step_expired");
}

TEST_F(PlannerTest, RemembersWhoActsAndWhatTheRunWasTold) {
  json event{{"requester", {{"id", "c-1"}}},
             {"text", "card stolen"},
             {"fields", json::object()},
             {"actor", {{"id", "s-kim"}, {"roles", {"support"}}}},
             {"instruction", "suspend"}};
  ticket("ticket.opened", event);
  lab.run(tickets, 1);
  EXPECT_EQ(last_plan()["playbook"], "by-order@1");
  EXPECT_EQ(last_plan()["steps"][0]["arguments"]["by"]["$from"], "ticket:/actor/id");
  updated({{"amount", 5}});
  lab.run(tickets, 1);
  EXPECT_EQ(last_plan()["playbook"], "by-order@1");
  ticket("ticket.closed", json::object());
  opened();
  lab.run(tickets, 2);
  EXPECT_EQ(last_plan()["playbook"], "refund@3");
}

TEST_F(PlannerTest, MovesItsAfterWithTypesItDoesNotKnow) {
  opened();
  lab.run(tickets, 1);
  lab.send({.topic = "steps", .type = "step.postponed", .data = "{}", .sequence = ++said});
  lab.run(steps, 1);
  EXPECT_EQ(last_plan()["after"], 1);
  EXPECT_EQ(lab.dead(), "");
}

TEST_F(PlannerTest, EscalatesAfterAnAnswerItCannotRead) {
  opened();
  lab.run(tickets, 1);
  lab.send({.topic = "steps", .type = "step.denied", .data = "{}", .sequence = ++said});
  lab.run(steps, 1);
  EXPECT_EQ(last_plan()["close"]["reason"], "step_unreadable");
  EXPECT_EQ(lab.dead(), "member_missing ");
}

TEST_F(PlannerTest, FallsSilentWhenTheRunOfItsVersionStopped) {
  opened();
  lab.run(tickets, 1);
  say(stopped(1, 1, "resolved"));
  lab.run(steps, 1);
  EXPECT_EQ(plans().size(), 1u);
}

TEST_F(PlannerTest, CanPrepareEveryStatementAsItsOwnRole) {
  const auto session = lab.core().pool().borrow();
  for (const auto& statement : sql::all) {
    const std::string name = statement.name;
    EXPECT_NO_THROW(session->execute_script("PREPARE " + name + " AS " + statement.sql)) << name;
  }
}

}  // namespace
}  // namespace countersign::planner
