#include "contracts/codec.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace countersign::contracts {
namespace {

using nlohmann::json;

template <typename M>
void expect_round_trip(const M& message) {
  const Event event = message;
  const auto back = decode(type_of(event), encode(event));
  ASSERT_TRUE(back) << type_of(event) << ": " << back.error().detail;
  EXPECT_EQ(std::get<M>(*back), message);
  EXPECT_EQ(tenant_of(*back), "acme");
  EXPECT_EQ(ticket_of(*back), "T-1");
}

EffectSummary refund() {
  return {.run = 1,
          .step = 2,
          .tool = "issue_refund",
          .state = "succeeded",
          .target = "4711",
          .amount = base::Money{2500, "EUR"},
          .operation = "refund"};
}

TEST(Codec, ReadsBackWhatItWrote) {
  expect_round_trip(TicketOpened{.tenant = "acme",
                                 .ticket_id = "T-1",
                                 .requester = {.id = "c", .name = "Ada", .email = std::nullopt},
                                 .requester_authenticated = true,
                                 .subject = std::nullopt,
                                 .text = "line\nline \xE2\x80\x94 \"quoted\"",
                                 .fields = Json(json{{"order_id", "4711"}, {"n", {1, 2}}}),
                                 .opened_at = "2024-05-01T10:00:00Z",
                                 .actor = Actor{"admin-7", {"support"}},
                                 .instruction = "refund it"});
  expect_round_trip(TicketUpdated{"acme", "T-1", Json(json{{"a", nullptr}})});
  expect_round_trip(TicketMessageAdded{"acme", "T-1", {"agent", "x"}, "hi"});
  expect_round_trip(TicketClosed{"acme", "T-1", std::nullopt});
  expect_round_trip(PlanProposed{.tenant = "acme",
                                 .ticket_id = "T-1",
                                 .ticket_version = 1,
                                 .after = 0,
                                 .agent = {"refunds", 3},
                                 .playbook = "refund@3",
                                 .steps = {{"order", "lookup_order", Json(json{{"order_id", {{"$from", "ticket:/fields/order_id"}}}})}},
                                 .close = ProposedClose{"resolved", "done", Resolution{"billing", "refunded", "ok", false}},
                                 .opinion = Opinion{"billing", 900}});
  expect_round_trip(PlanWithdrawn{"acme", "T-1", 1, 0, "ticket_changed"});
  expect_round_trip(StepSucceeded{"acme", "T-1", 1, 1, "order", "lookup_order", 1, Json(json{{"id", "4711"}})});
  for (const char* end : {"failed", "unknown", "denied", "withdrawn", "rejected", "expired"})
    expect_round_trip(StepEnded{end, "acme", "T-1", 1, 0, std::nullopt, "tool", 1, {"code_a", "code_b"}});
  expect_round_trip(RunStopped{"acme", "T-1", 1, 1, "superseded", {"ticket_updated"}, {refund()}});
  for (const char* reason : {"resolved", "draft_ready", "denied", "escalated", "failed", "cancelled"})
    expect_round_trip(Outcome{.tenant = "acme",
                              .ticket_id = "T-1",
                              .run = 1,
                              .ticket_version = 1,
                              .stop_reason = reason,
                              .resolution = Resolution{"billing", "", "", true},
                              .effects = {refund()},
                              .requires_followup = true,
                              .wording = {"We refunded it."},
                              .agent = AgentVersion{"refunds", 3},
                              .actor = "admin-7"});
  expect_round_trip(ReferralHandoff{"acme", "T-1", 1, "effect_unknown", {}, "high", "summary", {refund()}});
  expect_round_trip(HandoffOpened{"acme",
                                  "T-1",
                                  *base::Uuid::parse("018f2f5e-7b7a-7c00-8000-0123456789ab"),
                                  1,
                                  "effect_unknown",
                                  {},
                                  "high",
                                  "summary",
                                  {refund()},
                                  "2024-05-01T10:00:00Z"});
}

const base::Uuid approval = *base::Uuid::parse("018f2f5e-7b7a-7c00-8000-0123456789ab");
const std::string digest(64, 'a');
const std::vector<DecidingPerson> people{{"maria", "finance"}, {"paul", std::nullopt}};

ShownApproval shown() {
  ShownApproval shown;
  shown.tenant = "acme";
  shown.ticket_id = "T-1";
  shown.run = shown.step = 1;
  shown.approval_id = approval;
  shown.action_digest = shown.requirement_digest = digest;
  shown.action = {.tenant = "acme",
                  .ticket_id = "T-1",
                  .ticket_version = 1,
                  .run = 1,
                  .step = 1,
                  .tool = "issue_refund",
                  .tool_version = 4,
                  .manifest_digest = digest,
                  .environment = "demo",
                  .target = "4711",
                  .arguments = Json(json{{"order_id", "4711"}}),
                  .origins = {{"/order_id", "verified_field"}},
                  .amount = base::Money{2500, "EUR"},
                  .operation_key = "refund/4711",
                  .holder_key = std::nullopt,
                  .idempotency_key = "acme/T-1/1/1",
                  .agent = {"refunds", 3},
                  .actor = "admin-7",
                  .policy = {"support-refunds@4"},
                  .evidence = {digest},
                  .preview_digest = digest,
                  .requirement_digest = digest};
  shown.requirement = {{"refund"}, {{"finance", 2}}, 2, {}, {"customer-17"}, 3600, true};
  shown.sentence = "Refund 25.00 EUR";
  shown.why = {{"refund", "Refunds need a person", "4.2"}};
  shown.evidence = {{1, "order", "lookup_order", Json(json{{"id", "4711"}}), "2024-05-01T10:00:00Z", digest}};
  shown.preview = ShownPreview{Json(json(0)), Json(json(2500)), "note", digest, digest};
  shown.preview_absent = true;
  shown.difference = ShownDifference{Json(json("was")), Json(json(nullptr))};
  shown.holder = ShownHolder{"T-0", 1, 2, "issue_refund", "succeeded", base::Money{1, "EUR"}, "2024-05-01T10:00:00Z"};
  shown.requester = {"customer-17", "Ada"};
  shown.actor = "admin-7";
  shown.rollback_note = "charge again";
  shown.requested_at = "2024-05-01T10:00:00Z";
  return shown;
}

TEST(Codec, ReadsBackWhatItWroteOfApprovals) {
  expect_round_trip(StepEnded{"changes_requested", "acme", "T-1", 1, 2, "refund", "tool", 1, {"changes_requested"}, "less, please"});
  expect_round_trip(ReferralApproval{shown(), "a.b.c"});
  expect_round_trip(ReferralRenewal{"acme", "T-1", 1, 1, approval, digest});
  expect_round_trip(ReferralConsumed{"acme", "T-1", 1, 1, approval, digest, "0123456789abcdef"});
  expect_round_trip(ReferralWithdrawn{"acme", "T-1", 1, 1, approval, digest, {"ticket_changed"}});
  expect_round_trip(ApprovalRequested{
      shown(), "2024-05-02T10:00:00Z", {"approve", "deny"}, {{approval, "maria", "2024-05-01T10:00:00Z", "wrong customer"}}});
  expect_round_trip(
      ApprovalDecisionRecorded{"acme", "T-1", approval, 1, 1, digest, "maria", "request_changes", digest, "2024-05-01T10:00:00Z", true});
  for (const char* end : {"granted", "denied", "changes_requested", "expired", "withdrawn", "consumed"})
    expect_round_trip(ApprovalEnded{end, "acme", "T-1", approval, 1, 1, digest, people, "reason", {"a_code"}, "2024-05-01T10:00:00Z"});
}

TEST(Codec, ReadsBackWhatItWroteOfDecisionsAndVerdicts) {
  expect_round_trip(DecisionSubmitted{"acme", "T-1", approval, "a.b.c"});
  expect_round_trip(VerdictGranted{"acme", "T-1", approval, 1, 1, digest, digest, "a.b.c", people});
  expect_round_trip(VerdictEnded{"denied", "acme", "T-1", approval, 1, 1, digest, people, {"denied_by_person"}, "no", std::nullopt});
  expect_round_trip(VerdictEnded{"changes_requested", "acme", "T-1", approval, 1, 1, digest, people, {}, std::nullopt, "less"});
  for (const char* end : {"expired", "withdrawn"})
    expect_round_trip(VerdictEnded{end, "acme", "T-1", approval, 1, 1, digest, {}, {"code"}, std::nullopt, std::nullopt});
}

TEST(Codec, ReadsBackWhatItWroteOfMail) {
  expect_round_trip(MessageRequested{"acme", "T-1", approval, 1, 2, "email", "support", "ada@example.org", "Your refund \xE2\x80\x94 done",
                                     "text", "<p>", "refund-done@2"});
  expect_round_trip(MessageWithdrawn{"acme", "T-1", approval, 1, 2});
  expect_round_trip(DeliveryDelivered{"acme", "T-1", approval, approval, 1, 2, "2024-05-01T10:00:00Z", "250 ok"});
  expect_round_trip(DeliveryDead{"acme", "T-1", approval, approval, 1, 2, "maybe_sent", true, "421 later"});
}

TEST(Codec, NamesTheMemberThatIsWrong) {
  const auto missing =
      decode(types::plan_proposed, R"({"tenant":"acme","ticket_id":"T-1","ticket_version":1,"after":0,"agent":{"name":"a","version":1},
      "steps":[{"name":"ok","tool":"t","arguments":{}},{"name":"Bad","tool":"t","arguments":{}}]})");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, "member_invalid");
  EXPECT_NE(missing.error().detail.find("/steps/1/name"), std::string::npos);
  EXPECT_EQ(decode(types::ticket_closed, R"({"tenant":"acme"})").error().code, "member_missing");
  EXPECT_EQ(decode("ticket.eaten", "{}").error().code, "type_unknown");
  EXPECT_EQ(decode(types::ticket_closed, R"({"tenant":"a","tenant":"b","ticket_id":"T-1"})").error().code, "json_key_duplicate");
}

TEST(Codec, RefusesTwoStepsOfOneName) {
  const auto twins =
      decode(types::plan_proposed, R"({"tenant":"acme","ticket_id":"T-1","ticket_version":1,"after":0,"agent":{"name":"a","version":1},
      "steps":[{"name":"x","tool":"t","arguments":{}},{"name":"x","tool":"t","arguments":{}}]})");
  ASSERT_FALSE(twins);
  EXPECT_EQ(twins.error().code, "member_invalid");
}

TEST(Codec, StoresEffectsAndResolutionsApart) {
  EXPECT_EQ(decode_effects(encode(std::vector{refund()})).value(), std::vector{refund()});
  EXPECT_FALSE(decode_effects("{}"));
  const Resolution resolution{"billing", "a", "b", true};
  EXPECT_EQ(decode_resolution(encode(resolution)).value(), resolution);
  EXPECT_FALSE(decode_resolution("[]"));
}

}  // namespace
}  // namespace countersign::contracts
