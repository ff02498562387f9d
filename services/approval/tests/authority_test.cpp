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
    vote(person, issuer,
         scene.sign(issuer == "person" ? Scene::decision(shown, person, "approve") : Scene::vouched(shown, person, "approve")));
  }
  // The row says `person` and `issuer`, whatever was signed.
  void vote(const std::string& person, const std::string& issuer, const std::string& jws) {
    Decision decision;
    decision.tenant = "acme";
    decision.person = person;
    decision.issuer = issuer;
    decision.jws = jws;
    decision.digest = testing::hex_of(jws);
    decision.received_at = std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
    asked.votes.push_back(decision);
  }
  // Why the only vote there is does not count; empty when it does.
  std::string doubt() {
    const auto result = tally(question, directory);
    EXPECT_EQ(result.met, result.doubts.empty());
    return result.doubts.empty() ? "" : result.doubts.front().code;
  }
  template <typename Change>
  std::string doubt_about(Change change) {
    auto claims = Scene::decision(shown, "ada", "approve");
    change(claims);
    asked.votes.clear();
    vote("ada", "person", scene.sign(claims));
    return doubt();
  }

  Scene scene;
  catalog::Directory directory = testing::directory_of(scene.everybody());
  contracts::ShownApproval shown;
  Approval asked;
  Question question{.approval = asked, .risk = domain::RiskClass::money, .audience = contracts::decision_audience(testing::environment)};
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

TEST_F(AuthorityTest, CountsNoVoteThatIsNotWhatWasSigned) {
  const std::string contradicts = "vote_contradicts_signature";
  EXPECT_EQ(doubt_about([](auto&) {}), "");
  EXPECT_EQ(doubt_about([](auto& claims) { claims.verb = "deny", claims.reason = "No."; }), contradicts);
  EXPECT_EQ(doubt_about([](auto& claims) { claims.subject = "bob"; }), contradicts);
  EXPECT_EQ(doubt_about([](auto& claims) { claims.tenant = "globex"; }), contradicts);
  EXPECT_EQ(doubt_about([](auto& claims) { claims.approval_id = id_number(2); }), contradicts);
  EXPECT_EQ(doubt_about([](auto& claims) { claims.action_digest = std::string(64, '0'); }), contradicts);
  EXPECT_EQ(doubt_about([](auto& claims) { claims.audience = "countersign/production"; }), "token_audience_wrong");
  EXPECT_EQ(doubt_about([](auto& claims) { claims.issued_at -= 3600, claims.expires_at -= 3600; }), "token_expired");
  asked.votes.clear();
  vote("ada", "person", Scene::sign(Scene::decision(shown, "ada", "approve"), testing::new_key("ada-1")));
  EXPECT_EQ(doubt(), "jws_signature_invalid");
  asked.votes.clear();
  vote("ada", "person", scene.sign(Scene::vouched(shown, "ada", "approve")));  // an issuer's word passed off as her own
  EXPECT_EQ(doubt(), contradicts);
  asked.votes.clear();
  vote("ada", "person", "");
  EXPECT_EQ(doubt(), "jws_malformed");
}

TEST_F(AuthorityTest, CountsOneVoteOfAnIssuerAndOneOfAPersonWhateverTheRowsSay) {
  ask([](auto& one) { one.requirement.quorum = 2; });
  vote("ada", "desk");
  vote("bob", "desk");
  vote("ada");
  EXPECT_FALSE(tally(question, directory).met);
  vote("bob");
  EXPECT_TRUE(tally(question, directory).met);
}

TEST_F(AuthorityTest, CountsAVoteWhoseKeyWasReplacedSince) {
  vote("ada");
  auto documents = scene.everybody();
  documents.push_back(scene.person("ada", {"approver"}, 2, {{"keys", {testing::key_member(testing::new_key("ada-2"))}}}));
  believe(documents);
  EXPECT_EQ(says("ada", "deny"), "jws_key_unknown");  // it says nothing new
  EXPECT_EQ(doubt(), "");
  // The name may stand for another key by now.
  documents.push_back(scene.person("ada", {"approver"}, 3, {{"keys", {testing::key_member(testing::new_key("ada-1"))}}}));
  believe(documents);
  EXPECT_EQ(doubt(), "");
}

TEST_F(AuthorityTest, CountsNoVoteWhoseKeyWasRevokedSince) {
  vote("ada");
  EXPECT_EQ(doubt(), "");
  auto documents = scene.everybody();
  documents.push_back(scene.person("ada", {"approver"}, 2, {{"keys", {testing::key_member(testing::new_key("ada-2"))}}}));
  directory = testing::directory_of(documents, {scene.keys.at("ada").pair.public_key});
  EXPECT_EQ(doubt(), "jws_key_unknown");
  asked.votes.clear();
  vote("ada", "desk");
  EXPECT_EQ(doubt(), "");
  directory = testing::directory_of(documents, {scene.bridge.pair.public_key});
  EXPECT_EQ(doubt(), "jws_key_unknown");
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
