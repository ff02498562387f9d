// Letters to customers: written only when the ledger confirms them, handed to the outbox once, and settled by what became of them.

#include "executor/letter.hpp"
#include "contracts/codec.hpp"
#include "executor/locking.hpp"
#include "executor/mail_result_intake.hpp"
#include "executor/tests/ledger_fixture.hpp"

namespace countersign::executor::testing {

class LetterTest : public LedgerTest {
 protected:
  LetterTest() {
    install(reply_manifest());
    install({{"kind", "template"},
             {"tenant", "acme"},
             {"name", "refund-done"},
             {"version", 1},
             {"subject", "Order {{order_id}}"},
             {"text", "We have paid {{amount}} back."},
             {"html", "<p>We have paid {{amount}} back.</p>"},
             {"variables", {"order_id", "amount"}},
             {"claims", {"issue_refund"}}});
    install({{"kind", "policy"},
             {"tenant", "acme"},
             {"name", "letters"},
             {"version", 1},
             {"rules", json::array({{{"id", "letters"},
                                     {"sentence", "Customers are written to."},
                                     {"citation", "handbook 5"},
                                     {"tools", {"send_reply"}},
                                     {"when", {{"always", true}}},
                                     {"effect", "allow"}}})}});
    life().configuration.refresh_once();
  }

  static json reply_manifest() {
    return {{"kind", "tool"},
            {"tenant", "acme"},
            {"name", "send_reply"},
            {"version", 1},
            {"owner", "support"},
            {"description", "Writes to a customer."},
            {"class", "outbound"},
            {"arguments",
             {{"type", "object"},
              {"properties",
               {{"to", {{"type", "string"}, {"maxLength", 254}}},
                {"template", {{"type", "string"}, {"enum", {"refund-done"}}}},
                {"variables",
                 {{"type", "object"},
                  {"properties",
                   {{"order_id", {{"type", "string"}, {"maxLength", 64}}},
                    {"amount",
                     {{"type", "object"},
                      {"properties", {{"minor", {{"type", "string"}}}, {"currency", {{"type", "string"}}}}},
                      {"required", {"minor", "currency"}},
                      {"additionalProperties", false}}}}},
                  {"required", json::array()},
                  {"additionalProperties", false}}}}},
              {"required", {"to", "template", "variables"}},
              {"additionalProperties", false}}},
            {"origins",
             {{"/to", {"system_of_record", "verified_field"}},
              {"/template", {"constant", "model"}},
              {"/variables/order_id", {"verified_field"}},
              {"/variables/amount", {"system_of_record", "verified_field"}}}},
            {"target", {"/to"}},
            {"idempotency", "none"},
            {"connector",
             {{"kind", "message"},
              {"channel", "email"},
              {"mailbox", "support"},
              {"to", "/to"},
              {"template", "/template"},
              {"variables", "/variables"}}},
            {"deliver_within_ms", 600000},
            {"wording", {{"done", "written"}, {"refused", "not written"}, {"unknown", "unknown"}}}};
  }

  // To the owner of the order; the shop's records serve as the address.
  static json reply_step() {
    return {{"name", "reply"},
            {"tool", "send_reply"},
            {"arguments",
             {{"to", {{"$from", "evidence:order#/customer_id"}}},
              {"template", "refund-done"},
              {"variables", {{"order_id", {{"$from", "ticket:/fields/order_id"}}}, {"amount", {{"$from", "evidence:order#/captured"}}}}}}}};
  }

  // Until the outbox has the letter.
  void write() {
    open("T-1", json::array({lookup_step(), refund_step(), reply_step()}));
    run_until([&] { return sent("message.requested") == 1; });
  }

  int sent(const std::string& type) { return static_cast<int>(number("SELECT count(*) FROM executor.outbox WHERE type = '" + type + "'")); }
  json requested() {
    return json::parse(word("SELECT convert_from(payload, 'UTF8') FROM executor.outbox WHERE type = 'message.requested'"));
  }

  contracts::DeliveryDelivered delivered() {
    return {.tenant = "acme",
            .ticket_id = "T-1",
            .message_id = *base::Uuid::parse(requested().at("message_id").get<std::string>()),
            .delivery_id = life().ids.next(),
            .run = 1,
            .step = 3,
            .accepted_at = "2026-01-02T03:04:05Z",
            .answer = "250 taken"};
  }
  contracts::DeliveryDead dead(const std::string& code, bool maybe_sent = false) {
    return {.tenant = "acme",
            .ticket_id = "T-1",
            .message_id = delivered().message_id,
            .delivery_id = life().ids.next(),
            .run = 1,
            .step = 3,
            .code = code,
            .maybe_sent = maybe_sent,
            .answer = {}};
  }

  void tell(const contracts::Event& result) {
    pipeline::Arrival arrival;
    arrival.envelope.type = contracts::type_of(result);
    auto body = results_.decode(arrival.envelope, contracts::encode(result), "delivery-results");
    ASSERT_TRUE(body) << body.error().detail;
    arrival.body = std::move(*body);
    take_in(arrival);
  }

  void tell_unreadable() {
    pipeline::Arrival arrival;
    arrival.refusal = base::Refusal{"member_missing", "nobody can make sense of it"};
    take_in(arrival);
  }

 private:
  void take_in(const pipeline::Arrival& arrival) {
    const auto request = locking({"acme/T-1"});
    life().desk.run(
        request,
        [&](postgres::Transaction&, std::map<std::string, pipeline::KeyState>&) {
          return std::vector<pipeline::KeyedArrivals>{{request.keys.front(), {arrival}}};
        },
        [&](pipeline::Batch& batch) { results_.apply(batch); });
  }

  MailResultIntake results_{life().store, life().settler, life().documents, life().claimable, {log, metrics}};
};

TEST_F(LetterTest, IsHandedToTheOutboxWordForWord) {
  write();
  const auto letter = requested();
  EXPECT_EQ(letter.at("to"), "cust-1");
  EXPECT_EQ(letter.at("subject"), "Order A-17");
  EXPECT_EQ(letter.at("text"), "We have paid 25.00 EUR back.");
  EXPECT_EQ(letter.at("html"), "<p>We have paid 25.00 EUR back.</p>");
  EXPECT_EQ(letter.at("template"), "refund-done@1");
  EXPECT_EQ(letter.at("mailbox"), "support");
  EXPECT_EQ(step_state("T-1", 3), "claimed");
  EXPECT_EQ(run_state("T-1"), "running");
}

TEST_F(LetterTest, SucceedsWhenTheMailServerHasTakenIt) {
  write();
  tell(delivered());
  EXPECT_EQ(step_state("T-1", 3), "succeeded");
  EXPECT_EQ(effect_state("T-1", 3), "succeeded");
  EXPECT_EQ(run_state("T-1"), "stopped resolved");
}

TEST_F(LetterTest, FailsWhenItIsRefused) {
  write();
  tell(dead("refused"));
  EXPECT_EQ(step_state("T-1", 3), "failed");
  EXPECT_EQ(effect_state("T-1", 3), "failed");
  EXPECT_EQ(run_state("T-1"), "awaiting_plan");  // the planner may think of something else
}

TEST_F(LetterTest, IsUnknownWhenItMayHaveBeenSent) {
  write();
  tell(dead("maybe_sent", true));
  EXPECT_EQ(step_state("T-1", 3), "unknown");
  EXPECT_EQ(effect_state("T-1", 3), "unknown");
  tell(delivered());  // the server's answer turned up after all
  EXPECT_EQ(effect_state("T-1", 3), "succeeded");
}

TEST_F(LetterTest, IsHandedToPeopleSoonWhenItMayHaveBeenSent) {
  write();
  tell(dead("maybe_sent", true));
  let_looks_be_due("20 seconds");
  EXPECT_EQ(life().reconciler.look_once(), 1U);
  EXPECT_EQ(run_state("T-1"), "running");
  let_looks_be_due("31 seconds");
  EXPECT_EQ(life().reconciler.look_once(), 1U);
  EXPECT_EQ(run_state("T-1"), "stopped escalated");
  EXPECT_EQ(effect_state("T-1", 3), "unknown");
}

TEST_F(LetterTest, IsUnknownWhenNobodyAnswersInTime) {
  write();
  let_leases_end();
  EXPECT_EQ(life().reaper.reap_once(), 1U);
  EXPECT_EQ(step_state("T-1", 3), "unknown");
  EXPECT_EQ(sent("message.requested"), 1);
  EXPECT_EQ(sent("message.withdrawn"), 1);  // it must not arrive after somebody has written by hand
  tell(dead("gave_up"));
  EXPECT_EQ(effect_state("T-1", 3), "failed");
}

TEST_F(LetterTest, OutlivesTheLifeThatWroteIt) {
  write();
  EXPECT_EQ(another_life("executor-0")->reaper.reap_predecessors(), 0U);  // it is in the outbox's hands
  EXPECT_EQ(step_state("T-1", 3), "claimed");
}

TEST_F(LetterTest, CountsAnAnswerOnce) {
  write();
  tell(delivered());
  tell(dead("refused"));
  EXPECT_EQ(effect_state("T-1", 3), "succeeded");
  EXPECT_EQ(number("SELECT count(*) FROM executor.outbox WHERE type = 'step.succeeded'"), 3);
}

TEST_F(LetterTest, IsUnknownWhenNobodyCanReadTheAnswer) {
  write();
  tell_unreadable();
  EXPECT_EQ(step_state("T-1", 3), "unknown");
}

TEST_F(LetterTest, TakesNoAnswerToAnotherLetter) {
  write();
  auto other = delivered();
  other.message_id = life().ids.next();
  tell(other);
  EXPECT_EQ(step_state("T-1", 3), "claimed");
}

TEST_F(LetterTest, IsTakenBackWhenTheRunStops) {
  write();
  change("T-1", [&](TicketCase& one, pipeline::Batch& batch) { life().conductor.stop(one, domain::StopCause::ticket_closed, batch); });
  EXPECT_EQ(sent("message.withdrawn"), 1);
  EXPECT_EQ(run_state("T-1"), "stopping cancelled");
  EXPECT_EQ(number("SELECT count(*) FROM executor.outbox o WHERE type LIKE 'message.%' AND EXISTS "
                   "(SELECT FROM executor.transition h WHERE h.outbox_id = o.id)"),
            2);
  tell(dead("withdrawn"));
  EXPECT_EQ(step_codes("T-1", 3), "not_done");
  EXPECT_EQ(run_state("T-1"), "stopped cancelled");
}

TEST_F(LetterTest, StaysDoneWhenItWasTooLateToTakeItBack) {
  write();
  change("T-1", [&](TicketCase& one, pipeline::Batch& batch) { life().conductor.stop(one, domain::StopCause::ticket_closed, batch); });
  tell(delivered());
  EXPECT_EQ(effect_state("T-1", 3), "succeeded");
  EXPECT_EQ(run_state("T-1"), "stopped cancelled");
}

TEST_F(LetterTest, NeverSaysWhatTheLedgerDoesNot) {
  open("T-1", json::array({lookup_step(), reply_step()}));
  run_to_end();
  EXPECT_EQ(step_codes("T-1", 2), std::string(codes::claim_unconfirmed));
  EXPECT_EQ(step_state("T-1", 2), "denied");
  EXPECT_EQ(sent("message.requested"), 0);
}

}  // namespace countersign::executor::testing
