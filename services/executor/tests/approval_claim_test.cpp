// What an approval is worth when its step is claimed: forged, old, used, outgrown.

#include "crypto/base64.hpp"
#include "crypto/hmac.hpp"
#include "crypto/jws.hpp"
#include "executor/tests/approval_fixture.hpp"

namespace countersign::executor::testing {

class ApprovalClaimTest : public ApprovalTest {
 protected:
  // The step is denied for its countersignature, its run escalates, and nothing was done.
  void expect_refused(const std::string& code, const std::string& ticket = "T-1", int step = 2) {
    settle();
    EXPECT_EQ(step_codes(ticket, step), "countersignature_invalid " + code);
    EXPECT_EQ(run_state(ticket), "stopped escalated");
    EXPECT_EQ(orders.refunds(), 0);
    EXPECT_EQ(number("SELECT count(*) FROM executor.outbox WHERE type = 'referral.consumed'"), 0);
    EXPECT_GE(audited("countersignature_refused"), 1);
  }
  // As if somebody with the executor's database password had put it there.
  void plant(const std::string& countersignature) {
    admin->execute({"plant", "UPDATE executor.approval SET countersignature = $1::text WHERE stage = 'cleared'"},
                   postgres::Parameters{}.add(countersignature));
  }
  // The claimed call was certainly not sent, and by the time that it may be tried again its countersignature is too old.
  void put_back_and_outdate(const contracts::ReferralApproval& referral) {
    ASSERT_EQ(life().claimer.claim_once(), 1U);
    install({{"kind", "constant"}, {"tenant", "acme"}, {"name", "other"}, {"version", 1}, {"value", 1}});
    life().caller.call_once(std::chrono::milliseconds{20});
    ASSERT_EQ(life().recorder.record_once(), 1U);
    auto late = claims_for(referral);
    late.issued_at -= 600;
    late.expires_at -= 600;
    admin->execute({"age", "UPDATE executor.approval SET countersignature = $1::text"}, postgres::Parameters{}.add(countersign(late)));
    run_until([&] { return stage() == "renewing"; });
  }
  std::string spoiled(const std::function<void(contracts::CountersignatureClaims&)>& spoil) {
    auto claims = claims_for(latest_referral());
    spoil(claims);
    return countersign(claims);
  }
};

TEST_F(ApprovalClaimTest, RefusesATokenWithoutAlgorithm) {
  open("T-1", both_steps());
  const auto referral = wait_for_referral();
  const std::string payload = contracts::encode(claims_for(referral));
  const std::string header = R"({"alg":"none","kid":"approval-test","typ":"countersignature+jwt"})";
  tell(granted(referral, crypto::base64url_encode(header) + "." + crypto::base64url_encode(payload) + "." + std::string(86, 'A')));
  expect_refused("jws_algorithm_refused");
}

TEST_F(ApprovalClaimTest, RefusesAnotherKeyUnderAKnownName) {
  open("T-1", both_steps());
  const auto referral = wait_for_referral();
  const crypto::SigningKey forger{"approval-test", crypto::make_ed25519_key_pair()};
  tell(granted(referral, crypto::sign_jws(forger, contracts::token_types::countersignature, contracts::encode(claims_for(referral)))));
  expect_refused("jws_signature_invalid");
}

TEST_F(ApprovalClaimTest, RefusesAKeyThatIsNoAnchor) {
  open("T-1", both_steps());
  const auto referral = wait_for_referral();
  const crypto::SigningKey stranger{"stranger", crypto::make_ed25519_key_pair()};
  tell(granted(referral, crypto::sign_jws(stranger, contracts::token_types::countersignature, contracts::encode(claims_for(referral)))));
  expect_refused("jws_key_unknown");
}

TEST_F(ApprovalClaimTest, RefusesItsOwnRequestAsAnAnswer) {
  open("T-1", both_steps());
  const auto referral = wait_for_referral();
  tell(granted(referral, referral.request));
  expect_refused("jws_type_wrong");
}

TEST_F(ApprovalClaimTest, RefusesAnotherEnvironment) {
  open("T-1", both_steps());
  const auto referral = wait_for_referral();
  tell(granted(referral, spoiled([](auto& claims) { claims.audience = contracts::countersignature_audience("staging"); })));
  expect_refused("token_audience_wrong");
}

TEST_F(ApprovalClaimTest, RefusesAnotherTenantActionRequirementOrApproval) {
  const std::vector<std::function<void(contracts::CountersignatureClaims&)>> spoilers{
      [](auto& claims) { claims.tenant = "globex"; }, [](auto& claims) { claims.action_digest = std::string(64, '0'); },
      [](auto& claims) { claims.requirement_digest = std::string(64, '0'); },
      [](auto& claims) { claims.approval_id = *base::Uuid::parse("01890000-0000-7000-8000-000000000001"); }};
  int ticket = 0;
  for (const auto& spoil : spoilers) {
    const std::string id = "T-" + std::to_string(++ticket);
    open(id, both_steps());
    const auto referral = wait_for_referral(id);
    auto claims = claims_for(referral);
    spoil(claims);
    tell(granted(referral, countersign(claims)), id);
    EXPECT_EQ(step_codes(id, 2), "countersignature_invalid countersignature_contradicts");
  }
  EXPECT_EQ(orders.refunds(), 0);
}

TEST_F(ApprovalClaimTest, RefusesOneThatIsNotValidYet) {
  open("T-1", both_steps());
  const auto referral = wait_for_referral();
  tell(granted(referral, spoiled([](auto& claims) {
                 claims.issued_at += 3600;
                 claims.expires_at += 3600;
               })));
  expect_refused("token_not_yet_valid");
}

TEST_F(ApprovalClaimTest, VerifiesAgainWhatIsPlantedAfterTheVerdict) {
  open("T-1", both_steps());
  wait_for_referral();
  approve();
  plant(spoiled([](auto& claims) { claims.audience = contracts::countersignature_audience("staging"); }));
  expect_refused("token_audience_wrong");
}

TEST_F(ApprovalClaimTest, RefusesARowThatIsNotWhatItsDigestSays) {
  open("T-1", both_steps());
  wait_for_referral();
  approve();
  admin->execute_script("UPDATE executor.approval SET action = jsonb_set(action, '{amount,minor}', '\"9900\"')");
  expect_refused("action_digest_wrong");
}

TEST_F(ApprovalClaimTest, RefusesAnotherTicketVersion) {
  open("T-1", both_steps());
  wait_for_referral();
  approve();
  admin->execute_script("UPDATE executor.run SET version = 2");
  expect_refused("action_contradicts");
}

TEST_F(ApprovalClaimTest, RefusesACountersignatureThatWasUsedForAnotherEffect) {
  open("T-1", both_steps());
  const auto referral = wait_for_referral();
  admin->execute_script("INSERT INTO executor.countersignature VALUES ('acme', 'jti-of-" + referral.shown.approval_id.str() +
                        "', 'T-9', 1, 2, gen_random_uuid(), now())");
  approve();
  expect_refused("countersignature_used");
}

TEST_F(ApprovalClaimTest, UsesOneCountersignatureForOneOfTwoThatShareIt) {
  open("T-1", both_steps());
  open("T-2", both_steps(), "A-18");
  run_until([&] { return referrals("approval") == 2; });
  for (const char* ticket : {"T-1", "T-2"}) {
    auto claims = claims_for(latest_referral(ticket));
    claims.jti = "one-and-the-same-jti";
    tell(granted(latest_referral(ticket), countersign(claims)), ticket);
  }
  settle();
  EXPECT_EQ(orders.refunds(), 1);
  EXPECT_EQ(number("SELECT count(*) FROM executor.step WHERE 'countersignature_used' = ANY (codes)"), 1);
}

TEST_F(ApprovalClaimTest, AsksForAnotherWhenTheCountersignatureComesTooLate) {
  open("T-1", both_steps());
  const auto referral = wait_for_referral();
  tell(granted(referral, spoiled([](auto& claims) {
                 claims.issued_at -= 600;
                 claims.expires_at -= 600;
               })));
  EXPECT_EQ(stage(), "renewing");
  EXPECT_EQ(referrals("renewal"), 1);
  auto claims = claims_for(referral);
  claims.jti += "-2";
  tell(granted(referral, countersign(claims)));
  run_to_end();
  EXPECT_EQ(effect_state("T-1", 2), "succeeded");
}

TEST_F(ApprovalClaimTest, AsksForAnotherWhenTheClaimComesTooLate) {
  open("T-1", both_steps());
  wait_for_referral();
  approve();
  auto late = claims_for(latest_referral());
  late.issued_at -= 600;
  late.expires_at -= 600;
  plant(countersign(late));
  settle();
  EXPECT_EQ(stage(), "renewing");
  EXPECT_EQ(step_state("T-1", 2), "waiting_approval");
  EXPECT_EQ(orders.refunds(), 0);
  tell(ended(latest_referral(), "expired"));
  EXPECT_EQ(step_state("T-1", 2), "expired");
}

TEST_F(ApprovalClaimTest, EndsRenewalsThatLeadNowhere) {
  open("T-1", both_steps());
  const auto referral = wait_for_referral();
  const auto late = spoiled([](auto& claims) {
    claims.issued_at -= 600;
    claims.expires_at -= 600;
  });
  for (int i = 0; i <= most_renewals; ++i) tell(granted(referral, late));
  EXPECT_EQ(step_codes("T-1", 2), "approval_unsettled");
  EXPECT_EQ(run_state("T-1"), "stopped escalated");
}

TEST_F(ApprovalClaimTest, AsksAgainWhenMoreIsRequiredNow) {
  open("T-1", both_steps());
  wait_for_referral();
  approve();
  want_approval({{"roles", {{{"role", "finance"}, {"people", 2}}}}}, 3);
  run_until([&] { return referrals("approval") == 2; });
  EXPECT_EQ(last_message("referral.withdrawn").at("codes"), json::array({"requirement_grown"}));
  EXPECT_EQ(orders.refunds(), 0);
  approve();
  run_to_end();
  EXPECT_EQ(effect_state("T-1", 2), "succeeded");
}

TEST_F(ApprovalClaimTest, GoesOnWhenLessIsRequiredNow) {
  want_approval({{"roles", {{{"role", "finance"}, {"people", 2}}}}}, 3);
  open("T-1", both_steps());
  wait_for_referral();
  want_approval(json::object(), 4);
  want_approval({{"roles", {{{"role", "finance"}, {"people", 1}}}}}, 5);
  approve();
  run_to_end();
  EXPECT_EQ(referrals("approval"), 1);
  EXPECT_EQ(stage(), "consumed");
  EXPECT_EQ(effect_state("T-1", 2), "succeeded");
}

TEST_F(ApprovalClaimTest, AsksAgainUnderAnotherManifest) {
  open("T-1", both_steps());
  wait_for_referral();
  approve();
  auto manifest = refund_manifest();
  manifest["version"] = 2;
  manifest["timeout_ms"] = 1500;
  install(manifest);
  run_until([&] { return referrals("approval") == 2; });
  EXPECT_EQ(last_message("referral.withdrawn").at("codes"), json::array({"action_changed"}));
  EXPECT_EQ(orders.refunds(), 0);
}

TEST_F(ApprovalClaimTest, DeniesWhatPolicyDeniesMeanwhile) {
  open("T-1", both_steps());
  wait_for_referral();
  approve();
  install(
      {{"kind", "policy"},
       {"tenant", "acme"},
       {"name", "freeze"},
       {"version", 1},
       {"rules",
        {{{"id", "freeze"}, {"sentence", "s"}, {"citation", "c"}, {"tools", {"*"}}, {"when", {{"always", true}}}, {"effect", "deny"}}}}});
  run_until([&] { return step_state("T-1", 2) == "denied"; });
  EXPECT_EQ(step_codes("T-1", 2), "denied_by_policy");
  EXPECT_EQ(stage(), "withdrawn");
  EXPECT_EQ(orders.refunds(), 0);
}

TEST_F(ApprovalClaimTest, NeedsNobodyWhenPolicyAllowsMeanwhile) {
  open("T-1", both_steps());
  wait_for_referral();
  approve();
  want_no_approval(3);
  run_to_end();
  EXPECT_EQ(effect_state("T-1", 2), "succeeded");
  EXPECT_EQ(stage(), "withdrawn");
}

TEST_F(ApprovalClaimTest, ClaimsAgainUnderTheSameCountersignatureWhatWasNotSent) {
  open("T-1", both_steps());
  wait_for_referral();
  approve();
  ASSERT_EQ(life().claimer.claim_once(), 1U);
  install({{"kind", "constant"}, {"tenant", "acme"}, {"name", "other"}, {"version", 1}, {"value", 1}});  // so that nothing is sent
  life().caller.call_once(std::chrono::milliseconds{20});
  ASSERT_EQ(life().recorder.record_once(), 1U);
  ASSERT_EQ(effect_state("T-1", 2), "ready");
  run_to_end();
  EXPECT_EQ(effect_state("T-1", 2), "succeeded");
  EXPECT_EQ(referrals("consumed"), 1);
  EXPECT_EQ(number("SELECT count(*) FROM executor.countersignature"), 1);
}

TEST_F(ApprovalClaimTest, RenewsForTheSameEffectWhatWasNotSentInTime) {
  open("T-1", both_steps());
  const auto referral = wait_for_referral();
  approve();
  put_back_and_outdate(referral);
  EXPECT_EQ(effect_state("T-1", 2), "ready");
  auto again = claims_for(referral);
  again.jti += "-2";
  tell(granted(referral, countersign(again)));
  run_to_end();
  EXPECT_EQ(effect_state("T-1", 2), "succeeded");
  EXPECT_EQ(orders.refunds(), 1);
  EXPECT_EQ(referrals("consumed"), 2);
}

TEST_F(ApprovalClaimTest, FailsWhatWasPutBackWhenItsApprovalEnds) {
  open("T-1", both_steps());
  const auto referral = wait_for_referral();
  approve();
  put_back_and_outdate(referral);
  tell(ended(referral, "expired"));
  EXPECT_EQ(step_state("T-1", 2), "expired");
  EXPECT_EQ(effect_state("T-1", 2), "failed");
}

TEST_F(ApprovalClaimTest, TakesALateSuccessWhilePeopleAreAskedAnew) {
  open("T-1", both_steps());
  const auto referral = wait_for_referral();
  approve();
  put_back_and_outdate(referral);
  ASSERT_EQ(step_state("T-1", 2), "waiting_approval");
  change("T-1", [&](TicketCase& one, pipeline::Batch& batch) {
    life().settler.settle_late(one, *one.find_step(1, 2), *one.find_effect(1, 2), contracts::Json(json{{"refund_id", "R-1"}}), batch);
  });
  EXPECT_EQ(step_state("T-1", 2), "succeeded");
  EXPECT_EQ(effect_state("T-1", 2), "succeeded");
  EXPECT_EQ(stage(), "withdrawn");
  auto again = claims_for(referral);
  again.jti += "-2";
  tell(granted(referral, countersign(again)));  // what people say now comes too late, and harms nobody
  EXPECT_EQ(run_state("T-1"), "stopped resolved");
}

TEST_F(ApprovalClaimTest, AsksAgainWhenTheHolderIsNotAsPeopleSawIt) {
  open("T-1", both_steps());
  wait_for_referral();
  approve();
  run_to_end();
  admin->execute_script("UPDATE executor.effect SET state = 'unknown', unknown_since = now(), look_at = now() + interval '1 hour'");
  open("T-2", both_steps());
  ASSERT_EQ(wait_for_referral("T-2").shown.holder->state, "unknown");
  admin->execute_script("UPDATE executor.effect SET state = 'succeeded', unknown_since = NULL, look_at = NULL");
  approve("T-2");
  run_until([&] { return referrals("approval") == 3; });
  EXPECT_EQ(latest_referral("T-2").shown.holder->state, "succeeded");
  EXPECT_EQ(orders.refunds(), 1);
}

TEST_F(ApprovalClaimTest, ShowsWhoHoldsTheKeyAndPassesItOnWhenPeopleAgree) {
  open("T-1", both_steps());
  wait_for_referral();
  approve();
  run_to_end();
  open("T-2", both_steps());
  const auto second = wait_for_referral("T-2");
  ASSERT_TRUE(second.shown.holder);
  EXPECT_EQ(second.shown.holder->ticket_id, "T-1");
  EXPECT_EQ(second.shown.holder->amount, (base::Money{2500, "EUR"}));
  EXPECT_EQ(second.shown.action.holder_key, word("SELECT idempotency_key FROM executor.effect WHERE ticket_id = 'T-1'"));
  approve("T-2");
  run_to_end();
  EXPECT_EQ(effect_state("T-2", 2), "succeeded");
  EXPECT_EQ(orders.refunds(), 2);
  EXPECT_EQ(word("SELECT ticket_id FROM executor.effect WHERE key_held"), "T-2");
}

TEST_F(ApprovalClaimTest, AsksAgainWhenTheKeyWasTakenSinceTheyAgreed) {
  open("T-1", both_steps());
  open("T-2", both_steps());
  run_until([&] { return referrals("approval") == 2; });
  approve("T-2");
  run_to_end();
  ASSERT_EQ(effect_state("T-2", 2), "succeeded");
  approve("T-1");
  run_until([&] { return referrals("approval") == 3; });
  EXPECT_EQ(orders.refunds(), 1);
  EXPECT_EQ(latest_referral("T-1").shown.holder->ticket_id, "T-2");
}

TEST_F(ApprovalClaimTest, LetsTwoTicketsThatWereApprovedAtOnceActOneAfterTheOther) {
  open("T-1", both_steps());
  open("T-2", both_steps());
  run_until([&] { return referrals("approval") == 2; });
  approve("T-1");
  approve("T-2");
  run_until([&] { return referrals("approval") == 3 && life().caller.idle(); });
  EXPECT_EQ(orders.refunds(), 1);
}

}  // namespace countersign::executor::testing
