// The time of approvals, and the use and renewal of what was granted, on a real database.

#include "approval/tests/approval_scene.hpp"

namespace countersign::approval {
namespace {

using Types = std::vector<std::string>;
using testing::json;

using ApprovalTimeTest = testing::ApprovalSceneTest;

// ---- time

TEST_F(ApprovalTimeTest, ExpiresWhatNobodyDecided) {
  const auto shown = ask();
  const auto forever = ask(2, [](auto& one) { one.requirement.expires_after_s.reset(); });
  EXPECT_EQ(service.expirer.expire_once(), 0u);
  let_time_pass();
  EXPECT_EQ(service.expirer.expire_once(), 1u);
  EXPECT_EQ(service.expirer.expire_once(), 0u);
  ASSERT_TRUE(lab.core().publisher().flush(std::chrono::seconds{5}));
  EXPECT_EQ(state(shown), "expired");
  EXPECT_EQ(state(forever), "requested");
  EXPECT_EQ(told("verdicts"), Types{"verdict.expired"});
  EXPECT_EQ(told("approvals").back(), "approval.expired");
  decide(shown, "ada");
  EXPECT_EQ(refusals(), "approval_expired ");
}

TEST_F(ApprovalTimeTest, DoesNotLetADecisionOvertakeTheClock) {
  const auto shown = ask();
  let_time_pass();
  decide(shown, "ada");
  EXPECT_EQ(state(shown), "expired");
  EXPECT_EQ(refusals(), "approval_expired ");
  EXPECT_EQ(told("verdicts"), Types{"verdict.expired"});
  EXPECT_EQ(service.expirer.expire_once(), 0u);
}

TEST_F(ApprovalTimeTest, LeavesGrantedOnesToTheExecutor) {
  const auto shown = ask();
  decide(shown, "ada");
  let_time_pass();
  EXPECT_EQ(service.expirer.expire_once(), 0u);
  EXPECT_EQ(state(shown), "approved");
}

// ---- use and renewal

TEST_F(ApprovalTimeTest, IsConsumedOnce) {
  const auto shown = ask();
  decide(shown, "ada");
  const auto jti = claims_in(lab.sent("verdicts")[0]).jti;
  consume(shown, jti);
  consume(shown, jti);
  EXPECT_EQ(state(shown), "consumed");
  EXPECT_EQ(told("approvals").back(), "approval.consumed");
  EXPECT_EQ(told("approvals").size(), 4u);
  EXPECT_EQ(count("used", "countersignature WHERE consumed_at IS NOT NULL"), 1);
  EXPECT_EQ(lab.dead(), "");
}

TEST_F(ApprovalTimeTest, RaisesTheAlarmOverAnUnfoundedUse) {
  const auto shown = ask();
  consume(shown, testing::id_number(77).str());
  EXPECT_EQ(lab.dead(), "consumption_unfounded ");
  EXPECT_EQ(state(shown), "requested");
  EXPECT_EQ(told("handoffs"), Types{"handoff.opened"});
}

TEST_F(ApprovalTimeTest, CountersignsAgainWhileTheApprovalLasts) {
  const auto shown = ask();
  decide(shown, "ada");
  renew(shown);
  ASSERT_EQ(told("verdicts"), (Types{"verdict.granted", "verdict.granted"}));
  const auto first = claims_in(lab.sent("verdicts")[0]);
  const auto second = claims_in(lab.sent("verdicts")[1]);
  EXPECT_NE(first.jti, second.jti);
  EXPECT_EQ(first.decisions, second.decisions);
  EXPECT_EQ(count("again", "countersignature WHERE again"), 1);
  consume(shown, second.jti);
  EXPECT_EQ(state(shown), "consumed");
  renew(shown);  // the call was certainly not sent
  EXPECT_EQ(told("verdicts").size(), 3u);
  EXPECT_EQ(state(shown), "consumed");
}

TEST_F(ApprovalTimeTest, ExpiresAtARenewalThatComesTooLate) {
  const auto shown = ask();
  decide(shown, "ada");
  let_time_pass();
  renew(shown);
  EXPECT_EQ(told("verdicts"), (Types{"verdict.granted", "verdict.expired"}));
  EXPECT_EQ(state(shown), "expired");
  renew(shown);
  EXPECT_EQ(told("verdicts").back(), "verdict.expired");
  EXPECT_EQ(count("moves", "approval_history WHERE old_state = 'approved' AND new_state = 'expired'"), 1);
}

TEST_F(ApprovalTimeTest, TellsARenewalWhatHasBecomeOfIt) {
  const auto shown = ask();
  renew(scene.shown(testing::id_number(9), [](auto&) {}));
  EXPECT_EQ(lab.sent("verdicts")[0]["codes"], json({"approval_unknown"}));
  decide(shown, "ada", "deny");
  renew(shown);
  EXPECT_EQ(told("verdicts"), (Types{"verdict.withdrawn", "verdict.denied", "verdict.denied"}));
}

}  // namespace
}  // namespace countersign::approval
