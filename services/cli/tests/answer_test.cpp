#include <gmock/gmock.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "cli/approvals.hpp"
#include "cli/decide.hpp"
#include "cli/exit_codes.hpp"
#include "cli/tests/sample_approval.hpp"
#include "contracts/codec.hpp"
#include "contracts/envelope.hpp"
#include "contracts/schema_check.hpp"
#include "contracts/token_claims.hpp"
#include "crypto/digest.hpp"
#include "crypto/jws.hpp"
#include "messaging/memory/memory_broker.hpp"

namespace countersign::cli {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

json recorded(bool counted, const std::string& code = {}) { return {{"counted", counted}, {"code", counted ? json() : json(code)}}; }

json in_state(const std::string& state) {
  json approval = sample_approval();
  approval["state"] = state;
  approval["people"] = {"bob"};
  approval["decided_at"] = "2024-05-01T11:00:00Z";
  return approval;
}

TEST(AnswerTest, SaysWhatBecameOfADecision) {
  const DecideWish approve{.verb = "approve"}, deny{.verb = "deny"};
  EXPECT_EQ(answer_to(approve, recorded(true), in_state("approved")).code, exit_well);
  EXPECT_THAT(answer_to(deny, recorded(true), in_state("denied")).text, HasSubstr("denied by bob"));
  json half = sample_approval();
  half["decisions"] = {{{"counted", true}, {"verb", "approve"}, {"person", "ada"}}};
  const auto answer = answer_to(approve, recorded(true), half);
  EXPECT_EQ(answer.code, exit_well);
  EXPECT_EQ(answer.text, "Your approval counts. 1 person has approved; needed: 1 approver, 1 finance; 2 people in all.");
}

TEST(AnswerTest, ShowsThePresentStateWhenSomebodyElseWasFirst) {
  const auto late = answer_to({.verb = "approve"}, recorded(false, "approval_not_open"), in_state("denied"));
  EXPECT_EQ(late.code, exit_conflict);
  EXPECT_THAT(late.text, HasSubstr("denied by bob at 2024-05-01T11:00:00Z"));
  EXPECT_EQ(answer_to({.verb = "approve"}, recorded(false, "already_decided"), sample_approval()).code, exit_conflict);
}

TEST(AnswerTest, SaysWhyADecisionDidNotCountAndWhatToDo) {
  const auto refused = answer_to({.verb = "approve"}, recorded(false, "role_missing"), sample_approval());
  EXPECT_EQ(refused.code, exit_not_well);
  EXPECT_THAT(refused.text, HasSubstr("Not approved (role_missing): you hold none of the roles"));
  EXPECT_EQ(answer_to({.verb = "deny"}, recorded(false, "brand_new"), sample_approval()).text, "Not denied (brand_new).");
}

TEST(AnswerTest, SignsTheDigestOfTheActionForThisDeployment) {
  base::ManualClock clock;
  base::UuidV7Source ids(clock, 7);
  const crypto::SigningKey key{"ada-1", crypto::make_ed25519_key_pair()};
  const DecideWish wish{.verb = "deny", .person = "ada", .reason = "too much", .environment = "demo"};
  const auto decision = make_decision(sample_approval(), wish, key, "decisions", clock.wall(), ids);

  const auto envelope = contracts::open_envelope(decision.record.headers, decision.record.key, decision.record.value);
  ASSERT_TRUE(envelope) << envelope.error().detail;
  const auto event = contracts::decode_edge(envelope->envelope.type, *decision.record.value);
  ASSERT_TRUE(event) << event.error().detail;
  const auto& submitted = std::get<contracts::DecisionSubmitted>(*event);
  EXPECT_EQ(decision.digest, crypto::sha256(submitted.decision).hex());
  EXPECT_EQ(decision.record.key, "acme/T-1042");

  crypto::KeySet keys;
  ASSERT_TRUE(keys.add("ada-1", key.pair.public_key));
  const auto verified = crypto::verify_jws(submitted.decision, contracts::token_types::decision, keys);
  ASSERT_TRUE(verified) << verified.error().detail;
  const auto claims = contracts::decode_decision_claims(verified->payload());
  ASSERT_TRUE(claims) << claims.error().detail;
  EXPECT_EQ(claims->action_digest, sample_approval().at("action_digest"));
  EXPECT_EQ(claims->audience, "countersign/demo");
  EXPECT_EQ(claims->reason, "too much");
  EXPECT_TRUE(contracts::check_times(claims->issued_at, claims->expires_at, clock.wall(), contracts::longest_decision));
}

TEST(AnswerTest, SignsForNoDeploymentThatOnlyTheDatabaseNames) {
  base::ManualClock clock;
  base::UuidV7Source ids(clock, 7);
  const crypto::SigningKey key{"ada-1", crypto::make_ed25519_key_pair()};
  for (const char* mine : {"default", "production", ""}) {
    try {
      make_decision(sample_approval(), {.verb = "approve", .person = "ada", .environment = mine}, key, "decisions", clock.wall(), ids);
      ADD_FAILURE() << "signed for '" << mine << "'";
    } catch (const Misused& misused) {
      EXPECT_THAT(misused.what(), HasSubstr("the deployment 'demo', and you sign for '" + std::string(mine) + "'"));
    }
  }
}

TEST(AnswerTest, SendsADecisionOnceAndSaysWhenItMayNot) {
  base::SystemClock clock;
  messaging::MemoryBroker broker(clock);
  broker.create_topic("decisions", 1);
  const auto producer = broker.make_producer();
  const SignedDecision decision{"digest", {"decisions", "acme/T-1042", "{}", {}, 0}};
  broker.refuse_writes("decisions", 1, true, "leader moved");
  send_decision(*producer, decision, std::chrono::seconds{10});
  EXPECT_EQ(broker.messages("decisions").size(), 1U);
  broker.refuse_writes("decisions", 1, false, "not authorized");
  EXPECT_THROW(send_decision(*producer, decision, std::chrono::seconds{10}), base::Misconfigured);
}

TEST(ApprovalLinesTest, ShowsEverythingThatAReviewerIsToSee) {
  std::string all;
  for (const auto& line : approval_lines(sample_approval())) all += line + "\n";
  for (const char* wanted : {"Refund 125.00 EUR for order 4711", "issue_refund@4", "125.00 EUR", "order_id = 4711 (verified_field)",
                             "before", "after", "Refunds above 50.00 EUR need a person. (Refund policy 4.2)", "lookup_order",
                             "customer-17 (Ada)", "1 approver, 1 finance; 2 people in all", "the same operation was done before",
                             "25.00 EUR", "before, by bob at 2024-04-30T09:00:00Z: too much", "in 2 h 5 min", "Cannot be undone",
                             "countersign approve 018f2f5e-7b7a-7c00-8000-0123456789ab --as PERSON --key FILE",
                             "countersign deny 018f2f5e-7b7a-7c00-8000-0123456789ab --as PERSON --key FILE --reason TEXT"})
    EXPECT_THAT(all, HasSubstr(wanted));
  EXPECT_THAT(all, HasSubstr(sample_approval().at("action_digest").get<std::string>()));
}

TEST(ApprovalLinesTest, OffersNoCommandWhenItIsOver) {
  for (const auto& line : approval_lines(in_state("denied"))) EXPECT_THAT(line, ::testing::Not(HasSubstr("countersign approve")));
}

TEST(ApprovalLinesTest, LetsNoOutsiderMoveTheCursor) {
  json approval = sample_approval();
  approval["shown"]["requester"]["name"] = "Ada\x1b[2K\rapproved by the board";
  approval["shown"]["evidence"][0]["result"] = {{"note", "\xe2\x80\xaeRUE 00.1"}};
  for (const auto& line : approval_lines(approval)) {
    EXPECT_THAT(line, ::testing::Not(::testing::ContainsRegex("[\x01-\x1f]"))) << line;
    EXPECT_THAT(line, ::testing::Not(HasSubstr("\xe2\x80\xae"))) << line;
  }
}

TEST(ForgeryTest, FindsEachThingThatIsNotWhatItsDigestSays) {
  EXPECT_EQ(find_forgery(sample_approval()), "");
  const auto with = [](const char* pointer, json value) {
    json approval = sample_approval();
    approval[json::json_pointer(pointer)] = std::move(value);
    return find_forgery(approval);
  };
  EXPECT_THAT(with("/shown/action/amount/minor", "12501"), HasSubstr("the action that is shown"));
  EXPECT_THAT(with("/shown/action/arguments/order_id", "4712"), HasSubstr("the action that is shown"));
  EXPECT_THAT(with("/shown/requirement/quorum", 1), HasSubstr("the requirement that is shown"));
  EXPECT_THAT(with("/shown/preview/after", json::object()), HasSubstr("the preview that is shown"));
  EXPECT_THAT(with("/shown/sentence", "Refund 1.00 EUR."), HasSubstr("not what the executor asked about"));
  EXPECT_THAT(with("/shown/action/target", 5), HasSubstr("cannot be read"));
}

}  // namespace
}  // namespace countersign::cli
