// What a referral must be to be believed.

#include <gtest/gtest.h>

#include "approval/referral_check.hpp"
#include "approval/tests/scene.hpp"

namespace countersign::approval {
namespace {

using testing::id_number;
using testing::Scene;

base::WallTime now() { return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now()); }

class ReferralCheckTest : public ::testing::Test {
 protected:
  std::string code(const contracts::ReferralApproval& referral) {
    const auto checked = check_referral(referral, {"acme", "T-1"}, trust, now());
    return checked ? "" : checked.error().code;
  }
  // Altered after all digests were made and signed.
  template <typename Change>
  std::string altered(Change change) {
    auto referral = scene.sign(shown);
    change(referral.shown);
    return code(referral);
  }

  Scene scene;
  ExecutorTrust trust{testing::anchors_of(scene.executor), testing::environment};
  contracts::ShownApproval shown = scene.shown(id_number(1), [](auto& one) {
    one.preview = contracts::ShownPreview{contracts::Json(testing::json{{"refunded", "0"}}),
                                          contracts::Json(testing::json{{"refunded", "4000"}}), std::nullopt, "", std::string(64, 'd')};
  });
};

TEST_F(ReferralCheckTest, AcceptsWhatTheExecutorHasSigned) { EXPECT_EQ(code(scene.sign(shown)), ""); }

TEST_F(ReferralCheckTest, RefusesASofterRequirement) {
  EXPECT_EQ(altered([](auto& one) { one.requirement.roles = {{"reader", 1}}; }), "requirement_digest_wrong");
}

TEST_F(ReferralCheckTest, RefusesASofterRequirementWithNewDigestsToo) {
  EXPECT_EQ(altered([](auto& one) {
              one.requirement.roles = {{"reader", 1}};
              Scene::seal(one);
            }),
            "request_contradicts_referral");
}

TEST_F(ReferralCheckTest, RefusesAnythingThatWasAltered) {
  EXPECT_EQ(altered([](auto& one) { one.action.amount->minor = 1; }), "action_digest_wrong");
  EXPECT_EQ(altered([](auto& one) {
              one.evidence[0].result = contracts::Json(testing::json{{"captured", "9"}});
            }),
            "evidence_digest_wrong");
  EXPECT_EQ(altered([](auto& one) { one.evidence.clear(); }), "evidence_contradicts_action");
  EXPECT_EQ(altered([](auto& one) { one.preview->after = contracts::Json(testing::json{{"refunded", "0"}}); }), "preview_digest_wrong");
  EXPECT_EQ(altered([](auto& one) { one.preview.reset(); }), "preview_missing");
  EXPECT_EQ(altered([](auto& one) { one.sentence = "Nothing happens."; }), "request_contradicts_referral");
  EXPECT_EQ(altered([](auto& one) { one.requester.id = "somebody"; }), "request_contradicts_referral");
  EXPECT_EQ(altered([](auto& one) { one.run = 2; }), "action_contradicts_referral");
  EXPECT_EQ(altered([](auto& one) { one.tenant = "globex"; }), "tenant_contradicts_key");
  EXPECT_EQ(altered([](auto& one) { one.approval_id = id_number(2); }), "request_contradicts_referral");
}

TEST_F(ReferralCheckTest, RefusesAnotherDeployment) {
  const auto other = scene.shown(id_number(1), [](auto& one) { one.action.environment = "production"; });
  EXPECT_EQ(code(scene.sign(other)), "environment_wrong");
  auto claims = Scene::claims_of(shown);
  claims.environment = "production";
  EXPECT_EQ(code(Scene::sign(shown, claims, scene.executor)), "request_contradicts_referral");
}

TEST_F(ReferralCheckTest, RefusesOtherSigners) {
  const auto claims = Scene::claims_of(shown);
  EXPECT_EQ(code(Scene::sign(shown, claims, testing::new_key("executor-1"))), "jws_signature_invalid");
  EXPECT_EQ(code(Scene::sign(shown, claims, testing::new_key("unheard-of"))), "jws_key_unknown");
  EXPECT_EQ(code({shown, scene.sign(Scene::decision(shown, "ada", "approve"))}), "jws_type_wrong");
  auto future = claims;
  future.issued_at += 3600;
  EXPECT_EQ(code(Scene::sign(shown, future, scene.executor)), "token_not_yet_valid");
}

TEST_F(ReferralCheckTest, RefusesWhatNobodyCouldEverApprove) {
  EXPECT_EQ(code(scene.sign(scene.shown(id_number(1), [](auto& one) { one.requirement.roles.clear(); }))), "requirement_unsatisfiable");
}

TEST_F(ReferralCheckTest, RefusesAHolderThatIsNotShown) {
  EXPECT_EQ(code(scene.sign(scene.shown(id_number(1), [](auto& one) { one.action.holder_key = "key-0"; }))), "holder_not_shown");
}

}  // namespace
}  // namespace countersign::approval
