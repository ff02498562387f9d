// What a countersignature says, and how long it is good for.

#include <gtest/gtest.h>

#include "approval/countersigner.hpp"
#include "approval/tests/scene.hpp"

namespace countersign::approval {
namespace {

using testing::id_number;

TEST(CountersignerTest, SignsOnlyAsLongAsTheApprovalLasts) {
  const auto key = testing::new_key("approval-1");
  const Countersigner countersigner{key, "test", std::chrono::seconds{120}};
  const base::WallTime at{std::chrono::milliseconds{1'700'000'000'900}};
  Approval approval;
  approval.tenant = "acme";
  approval.id = id_number(1);
  approval.action_digest = std::string(64, 'a');
  approval.requirement_digest = std::string(64, 'b');
  const auto claims = [&] {
    const auto made = countersigner.sign(approval, {{"ada", {"approver"}, std::string(64, 'c')}}, id_number(9), at);
    const auto read = crypto::verify_jws(made.token, contracts::token_types::countersignature, testing::anchors_of(key));
    EXPECT_TRUE(read);
    return contracts::decode_countersignature_claims(read->payload()).value();
  };
  EXPECT_EQ(claims().issued_at, 1'700'000'000);
  EXPECT_EQ(claims().expires_at, 1'700'000'120);
  approval.expires_at = base::WallTime{std::chrono::seconds{1'700'000'030}};
  EXPECT_EQ(claims().expires_at, 1'700'000'030);
  EXPECT_EQ(claims().audience, "executor/test");
  EXPECT_EQ(claims().jti, id_number(9).str());
}

}  // namespace
}  // namespace countersign::approval
