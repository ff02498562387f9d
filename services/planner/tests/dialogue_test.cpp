#include "planner/dialogue.hpp"

#include <gtest/gtest.h>

#include "planner/proposer.hpp"
#include "planner/tests/given.hpp"

namespace countersign::planner {
namespace {

using namespace testing;
using Move = Reply::Move;

class DialogueTest : public ::testing::Test {
 protected:
  DialogueTest() { Proposer::plan_afresh(one, playbooks); }

  std::string tools() const {
    std::string all;
    for (const auto& proposed : one.plan->steps) all += proposed.tool + " ";
    if (one.plan->close) all += "→ " + one.plan->close->stop_reason + " " + one.plan->close->reason.value_or("");
    return all;
  }

  catalog::Playbook playbook = refund_playbook();
  PlanDrafter::Playbooks playbooks{&playbook};
  Conversation one = open_refund();
};

TEST_F(DialogueTest, StartsWithTheMatchingPlaybook) {
  EXPECT_EQ(tools(), "lookup_order issue_refund → resolved ");
  EXPECT_EQ(one.plan->playbook, "refund@3");
  EXPECT_EQ(one.plan->agent.name, "support");
  EXPECT_EQ(one.plan->opinion->category, "billing");
}

TEST_F(DialogueTest, EscalatesATicketThatNoPlaybookKnows) {
  one.fields = contracts::Json::object();
  Proposer::plan_afresh(one, playbooks);
  EXPECT_EQ(tools(), "→ escalated no_playbook");
  EXPECT_FALSE(one.plan->playbook);
}

TEST_F(DialogueTest, SaysNothingWhileItsStepsSucceed) {
  EXPECT_EQ(hear(one, succeeded(1, 1, 1, "look")).move, Move::none);
  EXPECT_EQ(hear(one, succeeded(1, 1, 2, "pay")).move, Move::none);
}

TEST_F(DialogueTest, EscalatesAfterAPlanWithoutACloseSucceeded) {
  one.plan->close.reset();
  EXPECT_EQ(hear(one, succeeded(1, 1, 1, "look")).move, Move::none);
  const auto reply = hear(one, succeeded(1, 1, 2, "pay"));
  ASSERT_TRUE(Proposer::follow(one, reply, playbooks));
  EXPECT_EQ(tools(), "→ escalated no_next_turn");
}

TEST_F(DialogueTest, TakesTheTurnThatFitsTheDenialsCode) {
  ASSERT_TRUE(Proposer::follow(one, hear(one, ended("denied", 1, 1, 1, {"no_rule", "over_limit"})), playbooks));
  EXPECT_EQ(tools(), "draft_reply → draft_ready ");
}

TEST_F(DialogueTest, EscalatesADenialThatThePlaybookDoesNotExpect) {
  ASSERT_TRUE(Proposer::follow(one, hear(one, ended("denied", 1, 1, 1, {"no_rule_allows"})), playbooks));
  EXPECT_EQ(tools(), "→ escalated step_denied");
  EXPECT_EQ(one.plan->playbook, "refund@3");
}

TEST_F(DialogueTest, ProposesAgainWhenAPersonWantsItDifferently) {
  playbook.turns.push_back({"step.changes_requested", {}, {step("less", "issue_refund")}, contracts::ProposedClose{"resolved", {}, {}}});
  auto wanted = ended("changes_requested", 1, 1, 2, {"changes_requested"});
  wanted.text = "half of it";
  ASSERT_TRUE(Proposer::follow(one, hear(one, wanted), playbooks));
  EXPECT_EQ(tools(), "issue_refund → resolved ");
  EXPECT_EQ(one.done, 0);
  EXPECT_EQ(hear(one, succeeded(1, 1, 3, "less")).move, Move::none);
}

TEST_F(DialogueTest, ProposesAgainAsOftenAsAPersonWants) {
  playbook.turns.push_back({"step.changes_requested", {}, {step("less", "issue_refund")}, contracts::ProposedClose{"resolved", {}, {}}});
  for (std::int64_t number = 1; number <= 3; ++number) {
    ASSERT_TRUE(Proposer::follow(one, hear(one, ended("changes_requested", 1, 1, number)), playbooks));
    EXPECT_NE(Proposer::due(one, number), nullptr);
  }
}

TEST_F(DialogueTest, EscalatesAWishThatThePlaybookCannotFollow) {
  ASSERT_TRUE(Proposer::follow(one, hear(one, ended("changes_requested", 1, 1, 1)), playbooks));
  EXPECT_EQ(tools(), "→ escalated step_changes_requested");
}

TEST_F(DialogueTest, TakesTheTurnForAnApprovalThatExpired) {
  playbook.turns.push_back({"step.expired", {}, {step("offer", "draft_reply")}, contracts::ProposedClose{"draft_ready", {}, {}}});
  ASSERT_TRUE(Proposer::follow(one, hear(one, ended("expired", 1, 1, 2)), playbooks));
  EXPECT_EQ(tools(), "draft_reply → draft_ready ");
}

TEST_F(DialogueTest, MatchesOnTheActorAndTheInstruction) {
  playbook.match = {{"/actor/id", {contracts::Json("s-kim")}}, {"/instruction", {}}};
  Proposer::plan_afresh(one, playbooks);
  EXPECT_EQ(tools(), "→ escalated no_playbook");
  one.actor = contracts::Json(nlohmann::json{{"id", "s-kim"}, {"roles", {"support"}}});
  one.instruction = "pay it back";
  Proposer::plan_afresh(one, playbooks);
  EXPECT_EQ(one.plan->playbook, "refund@3");
}

TEST_F(DialogueTest, EscalatesWhenThePlaybookIsGone) {
  ASSERT_TRUE(Proposer::follow(one, hear(one, ended("denied", 1, 1, 1, {"over_limit"})), {}));
  EXPECT_EQ(tools(), "→ escalated step_denied");
}

TEST_F(DialogueTest, RepeatsItsPlanWhenTheRunBeforeStopsAfterItSpoke) {
  one.version = 2;
  Proposer::plan_afresh(one, playbooks);
  const auto before = *one.plan;
  EXPECT_TRUE(Proposer::follow(one, hear(one, stopped(1, 1, "superseded")), playbooks));
  EXPECT_EQ(*one.plan, before);
}

TEST_F(DialogueTest, RepeatsItsPlanWhenAnEarlierRunSettlesAStepLate) {
  one.version = 2;
  EXPECT_EQ(hear(one, succeeded(1, 1, 1, "pay")).move, Move::repeat);
  EXPECT_EQ(hear(one, ended("failed", 1, 1, 1)).move, Move::repeat);
}

TEST_F(DialogueTest, RepeatsItsPlanWhenAStepReportedBeforeSucceedsAfterAll) {
  ASSERT_TRUE(Proposer::follow(one, hear(one, ended("unknown", 1, 1, 1)), playbooks));
  EXPECT_EQ(tools(), "→ escalated step_unknown");
  EXPECT_EQ(hear(one, succeeded(1, 1, 1, "look")).move, Move::repeat);
}

TEST_F(DialogueTest, HasNothingToSayOnceTheRunOfThisVersionStopped) {
  EXPECT_FALSE(Proposer::follow(one, hear(one, stopped(1, 1, "resolved")), playbooks));
  EXPECT_FALSE(Proposer::follow(one, hear(one, ended("failed", 1, 1, 2)), playbooks));
  EXPECT_FALSE(Proposer::follow(one, hear_unreadable(one), playbooks));
  EXPECT_EQ(Proposer::due(one, 9), nullptr);
}

TEST_F(DialogueTest, WaitsForTheTicketEventWhenTheExecutorIsAhead) {
  EXPECT_EQ(hear(one, stopped(2, 2, "escalated")).move, Move::none);
  EXPECT_EQ(hear(one, stopped(1, 1, "superseded")).move, Move::none);
  EXPECT_TRUE(one.wants_plan());
}

TEST_F(DialogueTest, EscalatesAfterAMessageItCannotRead) {
  ASSERT_TRUE(Proposer::follow(one, hear_unreadable(one), playbooks));
  EXPECT_EQ(tools(), "→ escalated step_unreadable");
}

TEST_F(DialogueTest, SaysTheSameThingOnlyOnce) {
  EXPECT_NE(Proposer::due(one, 0), nullptr);
  EXPECT_EQ(Proposer::due(one, 0), nullptr);
  const auto* again = Proposer::due(one, 1);
  ASSERT_NE(again, nullptr);
  EXPECT_EQ(again->after, 1);
}

}  // namespace
}  // namespace countersign::planner
