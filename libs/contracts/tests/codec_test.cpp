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
                                 .opened_at = "2024-05-01T10:00:00Z"});
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
  for (const char* end : {"failed", "unknown", "denied", "withdrawn", "rejected"})
    expect_round_trip(StepEnded{end, "acme", "T-1", 1, 0, std::nullopt, "tool", 1, {"code_a", "code_b"}});
  expect_round_trip(RunStopped{"acme", "T-1", 1, 1, "superseded", {"ticket_updated"}, {refund()}});
  for (const char* reason : {"resolved", "draft_ready", "denied", "escalated", "failed", "cancelled"})
    expect_round_trip(Outcome{"acme", "T-1", 1, 1, reason, {}, Resolution{"billing", "", "", true}, {refund()}, true});
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
