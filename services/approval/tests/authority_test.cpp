// Who may say what about an approval, and when enough people have.

#include <gtest/gtest.h>

#include "approval/authority.hpp"
#include "approval/tests/scene.hpp"

namespace countersign::approval {
namespace {

using testing::id_number;
using testing::Scene;

class AuthorityTest : public ::testing::Test {
 protected:
  AuthorityTest() {
    ask([](auto&) {});
  }

  template <typename Change>
  void ask(Change change) {
    shown = scene.shown(id_number(1), change);
    asked = {};
    asked.tenant = shown.tenant;
    asked.id = shown.approval_id;
    asked.ticket_id = shown.ticket_id;
    asked.action = shown.action;
    asked.action_digest = shown.action_digest;
    asked.requirement = shown.requirement;
    asked.requester = shown.requester.id;
    asked.actor = shown.actor;
  }
  void believe(const std::vector<std::string>& documents) { directory = testing::directory_of(documents); }
  std::string code(const contracts::DecisionClaims& claims) {
    const auto voice = hear(scene.sign(claims), "acme", directory);
    if (!voice) return voice.error().code;
    const auto checked = check_authority(question, *voice);
    return checked ? "" : checked.error().code;
  }
  std::string says(const std::string& person, const std::string& verb = "approve") { return code(Scene::decision(shown, person, verb)); }
  std::string says_through_desk(const std::string& person) { return code(Scene::vouched(shown, person, "approve")); }
  void vote(const std::string& person, const std::string& issuer = "person") {
    Decision decision;
    decision.tenant = "acme";
    decision.person = person;
    decision.issuer = issuer;
    decision.digest = testing::hex_of(person);
    asked.votes.push_back(decision);
  }

  Scene scene;
  catalog::Directory directory = testing::directory_of(scene.everybody());
  contracts::ShownApproval shown;
  Approval asked;
  Question question{.approval = asked, .risk = domain::RiskClass::money};
};

TEST_F(AuthorityTest, AdmitsWhoHoldsTheRole) {
  EXPECT_EQ(says("ada"), "");
  EXPECT_EQ(says("ada", "deny"), "");
  EXPECT_EQ(says_through_desk("bob"), "");
  EXPECT_EQ(says("guest"), "role_missing");
  EXPECT_EQ(says("guest", "deny"), "role_missing");
}

TEST_F(AuthorityTest, ExcludesTheRequesterUnderEveryName) {
  for (const char* name : {"ada", "ADA", "customer-ada", "Customer-Ada", "U-ada", "desk/U-ada"}) {
    ask([&](auto& one) { one.requester.id = name; });
    EXPECT_EQ(says("ada"), "excluded") << name;
    EXPECT_EQ(says("ada", "deny"), "excluded") << name;
    EXPECT_EQ(says_through_desk("ada"), "excluded") << name;
    EXPECT_EQ(says("bob"), "") << name;
  }
  ask([](auto& one) { one.actor = "customer-ada"; });
  EXPECT_EQ(says("ada"), "excluded");
  ask([](auto& one) { one.requirement.exclusions = {"ada"}; });
  EXPECT_EQ(says("ada"), "excluded");
}

TEST_F(AuthorityTest, HoldsAnIssuerToItsLimits) {
  const auto limited = [&](const testing::json& may_vouch) {
    auto documents = scene.everybody();
    documents.back() = scene.issuer(may_vouch);
    believe(documents);
    return says_through_desk("ada");
  };
  using testing::json;
  const auto eur = [](const char* minor) { return json{{{"minor", minor}, {"currency", "EUR"}}}; };
  EXPECT_EQ(limited({{"people", {"bob"}}}), "vouching_person");
  EXPECT_EQ(limited({{"people", {"ada"}}}), "");
  EXPECT_EQ(limited({{"people", {"*"}}, {"tools", {"send_reply"}}}), "vouching_limit");
  EXPECT_EQ(limited({{"people", {"*"}}, {"classes", {"outbound"}}}), "vouching_limit");
  EXPECT_EQ(limited({{"people", {"*"}}, {"up_to", eur("3999")}}), "vouching_limit");
  EXPECT_EQ(limited({{"people", {"*"}}, {"tools", {"issue_refund"}}, {"classes", {"money"}}, {"up_to", eur("4000")}}), "");
  question.risk.reset();
  EXPECT_EQ(limited({{"people", {"*"}}, {"classes", {"money", "irreversible"}}}), "vouching_limit");
  EXPECT_EQ(says("ada"), "");  // her own key has no such limits
}

TEST_F(AuthorityTest, CountsAPersonOnceUnderEverySubject) {
  vote("ada");
  EXPECT_EQ(says("ada"), "already_decided");
  EXPECT_EQ(says_through_desk("ada"), "already_decided");
  EXPECT_EQ(says("ada", "deny"), "");
}

TEST_F(AuthorityTest, LetsAnIssuerVouchForOnePersonOnly) {
  vote("ada", "desk");
  EXPECT_EQ(says_through_desk("bob"), "issuer_spent");
  EXPECT_EQ(says("bob"), "");
}

TEST_F(AuthorityTest, LetsNobodyApproveWhatTheyShaped) {
  question.contributors = {"ada"};
  EXPECT_EQ(says("ada"), "contributed");
  EXPECT_EQ(says("ada", "request_changes"), "");
  EXPECT_EQ(says("bob"), "");
}

TEST_F(AuthorityTest, WaitsForTheOneWhoDenied) {
  question.denier = "ada";
  EXPECT_EQ(says("bob"), "denied_before");
  EXPECT_EQ(says("bob", "deny"), "");
  EXPECT_EQ(says("ada"), "");
  vote("ada");
  EXPECT_EQ(says("bob"), "");
}

TEST_F(AuthorityTest, TalliesRolesAndQuorum) {
  ask([](auto& one) {
    one.requirement.roles = {{"approver", 1}, {"finance", 1}};
    one.requirement.quorum = 2;
  });
  vote("ada");
  EXPECT_FALSE(tally(question, directory).met);
  vote("bob");  // the quorum, but nobody of finance
  EXPECT_FALSE(tally(question, directory).met);
  vote("fay");
  const auto result = tally(question, directory);
  EXPECT_TRUE(result.met);
  EXPECT_EQ(result.people.size(), 3u);
  EXPECT_EQ(result.decisions.back().roles, (std::vector<std::string>{"approver", "finance"}));
}

TEST_F(AuthorityTest, ForgetsVotesOfWhoMayNotDecideAnyMore) {
  ask([](auto& one) { one.requirement.quorum = 2; });
  vote("ada");
  vote("bob");
  EXPECT_TRUE(tally(question, directory).met);
  auto documents = scene.everybody();
  documents.push_back(scene.person("ada", {"reader"}, 2));
  believe(documents);
  EXPECT_FALSE(tally(question, directory).met);
}

TEST_F(AuthorityTest, LeavesOutWhoWasNotNeeded) {
  vote("ada");
  vote("bob");
  const auto result = tally(question, directory);
  EXPECT_TRUE(result.met);
  EXPECT_EQ(names_of(result.people), std::vector<std::string>{"ada"});
}

}  // namespace
}  // namespace countersign::approval
