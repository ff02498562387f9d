#include <gmock/gmock.h>

#include <thread>

#include "outbox/tests/mail_fixture.hpp"

namespace countersign::outbox::testing {
namespace {

using namespace std::chrono_literals;
using http::testing::SmtpPeer;
using http::testing::Wire;
using ::testing::AnyOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST_F(MailTest, AMessageIsHandedOverAndTheExecutorHears) {
  SmtpPeer peer;
  configure_mail({{.port = peer.port()}});
  auto life = start();
  request(letter());
  intake_mail(*life);
  EXPECT_EQ(deliver_mail(*life), 1U);
  ASSERT_EQ(peer.count(), 1);
  EXPECT_EQ(peer.read(1, "envelope"), "desk@shop.example\nann@customer.example\n\nclear");
  EXPECT_EQ(peer.read(1, "subject"), "Ihre Rückerstattung");
  EXPECT_EQ(peer.read(1, "text"), "Guten Tag,\r\n.\r\n25,00 € sind unterwegs.\r\n");
  const auto mail = peer.read(1, "mail");
  EXPECT_THAT(mail, HasSubstr("Message-ID: <" + text("SELECT id::text FROM outbox.delivery") + "@shop.example>"));
  EXPECT_THAT(mail, HasSubstr("Auto-Submitted: auto-generated"));
  EXPECT_THAT(mail, HasSubstr("Reply-To: answers@shop.example"));
  EXPECT_THAT(results(*life), ElementsAre("delivered"));
  const auto result = broker.messages("delivery-results").at(0);
  EXPECT_EQ(result.key, "acme/t1");
  EXPECT_THAT(*result.value, HasSubstr("250 2.0.0 taken as 1"));
  EXPECT_EQ(base::find_header(result.headers, "ce_sequence"), "1");
  EXPECT_EQ(base::find_header(result.headers, "ce_correlationid"), "acme/t1/1");
  EXPECT_EQ(base::find_header(result.headers, "ce_id"), text("SELECT result_id::text FROM outbox.delivery"));
  EXPECT_EQ(states(), "delivered");
  EXPECT_EQ(text("SELECT string_agg(detail ->> 'outcome', ' ') FROM audit.entry WHERE event = 'delivery_attempted'"), "delivered");
  EXPECT_EQ(metric(*life, "mails_total{outcome=\"delivered\"}"), "1");
}

TEST_F(MailTest, AMessageThatComesTwiceIsSentOnce) {
  SmtpPeer peer;
  configure_mail({{.port = peer.port()}});
  auto life = start();
  auto message = letter();
  message.message_id = request(message);
  request(message);
  intake_mail(*life);
  EXPECT_EQ(deliver_mail(*life), 1U);
  request(message);
  intake_mail(*life);
  EXPECT_EQ(deliver_mail(*life), 0U);
  EXPECT_EQ(peer.count(), 1);
  EXPECT_THAT(results(*life), ElementsAre("delivered"));
  EXPECT_EQ(metric(*life, "mails_repeated_total"), "2");
}

TEST_F(MailTest, TakesNoLetterThatNoServerMayBeGiven) {
  SmtpPeer peer;
  configure_mail({{.port = peer.port()}});
  auto life = start();
  request(letter("t1", "j\xc3\xbcrgen@customer.example"));
  request(letter("t2", "a@x.example,b@x.example"));
  request(letter("t3", "nobody"));
  intake_mail(*life);
  EXPECT_EQ(deliver_mail(*life), 0U);
  EXPECT_THAT(results(*life), ::testing::SizeIs(3));
  EXPECT_THAT(results(*life), Each(AnyOf(HasSubstr("dead:recipient_"), "dead:member_invalid")));
  EXPECT_EQ(number("SELECT count(*) FROM outbox.delivery WHERE state = 'dead'"), 3) << "what the contract refuses already as well";
  EXPECT_EQ(peer.count(), 0);
}

TEST_F(MailTest, WhatIsSetAsideIsAnsweredAtOnce) {
  SmtpPeer peer;
  configure_mail({{.port = peer.port()}});
  auto life = start();
  request(letter("t1"));
  const auto unreadable = request(letter("t2", "nobody"));
  auto nameless = letter("t3");
  nameless.run = 0;
  request(nameless);
  intake_mail(*life);
  EXPECT_EQ(number("SELECT count(*) FROM outbox.dead_letter"), 2);
  EXPECT_THAT(results(*life), ElementsAre("dead:member_invalid")) << "nobody can say whose the other one is";
  const auto answer = broker.messages("delivery-results").at(0);
  EXPECT_EQ(answer.key, "acme/t2");
  EXPECT_THAT(*answer.value, HasSubstr(unreadable.str()));
  EXPECT_EQ(base::find_header(answer.headers, "ce_id"), text("SELECT result_id::text FROM outbox.delivery WHERE ticket_id = 't2'"));
  withdraw(letter("t2"), unreadable);
  intake_mail(*life);
  EXPECT_EQ(results(*life).size(), 1U) << "and it is answered once";
  EXPECT_EQ(deliver_mail(*life), 1U);
}

TEST_F(MailTest, WhatTheDatabaseRefusesIsSetAsideAlone) {
  SmtpPeer peer;
  configure_mail({{.port = peer.port()}});
  auto life = start();
  admin->execute_script("ALTER TABLE outbox.delivery ADD CHECK (ticket_id <> 't2')");
  for (const auto* ticket : {"t1", "t2", "t3"}) request(letter(ticket));
  intake_mail(*life);
  EXPECT_EQ(text("SELECT reason FROM outbox.dead_letter"), "rejected_by_database");
  EXPECT_EQ(deliver_mail(*life), 2U);
}

TEST_F(MailTest, ARepetitionThatIsSetAsideIsNotAnsweredForTheAcceptedOne) {
  SmtpPeer peer;
  configure_mail({{.port = peer.port()}});
  auto life = start();
  auto message = letter();
  message.message_id = request(message);
  message.to = "nobody";
  request(message);
  intake_mail(*life);
  request(message);
  intake_mail(*life);
  EXPECT_EQ(number("SELECT count(*) FROM outbox.dead_letter"), 2);
  EXPECT_THAT(results(*life), IsEmpty());
  EXPECT_EQ(deliver_mail(*life), 1U);
  EXPECT_THAT(results(*life), ElementsAre("delivered"));
}

TEST_F(MailTest, A5xxIsTheEndAndA4xxIsTriedAgain) {
  SmtpPeer peer;
  configure_mail({{.port = peer.port()}});
  auto life = start();
  request(letter("t1", "rcpt-550@customer.example"));
  request(letter("t2", "data-451@customer.example"));
  intake_mail(*life);
  EXPECT_EQ(deliver_mail(*life), 2U);
  EXPECT_EQ(states(), "dead ready");
  EXPECT_THAT(results(*life), ElementsAre("dead:refused"));
  EXPECT_EQ(number("SELECT last_status::bigint FROM outbox.delivery WHERE state = 'ready'"), 451);
  EXPECT_EQ(deliver_mail(*life), 0U) << "it waits for its time";
  for (int attempt = 2; attempt <= 3; ++attempt) {
    let_time_pass();
    EXPECT_EQ(deliver_mail(*life), 1U);
  }
  EXPECT_THAT(results(*life), ElementsAre("dead:refused", "dead:gave_up"));
  EXPECT_EQ(number("SELECT count(*) FROM outbox.attempt"), 4);
  EXPECT_EQ(number("SELECT count(*) FROM audit.entry WHERE event = 'mail_dead'"), 2);
}

TEST_F(MailTest, SignsInOverTlsAndWaitsForItsPassword) {
  SmtpPeer peer("starttls", "desk", "correct horse");
  options.mailer.ca_file = peer.certificate();
  configure_mail({{.port = peer.port(), .host = "localhost", .security = "starttls", .user = "desk", .secret = "mail-password"}});
  auto life = start();
  request(letter());
  intake_mail(*life);
  EXPECT_EQ(deliver_mail(*life), 0U) << "there is no password";
  life->service.mail_reaper().count_once(*life->core.pool().borrow());
  EXPECT_EQ(metric(*life, "mails_waiting_for_mailbox"), "1");
  write_secret("mail-password", "correct horse");
  life = start();
  EXPECT_EQ(deliver_mail(*life), 1U);
  EXPECT_EQ(peer.read(1, "envelope"), "desk@shop.example\nann@customer.example\ndesk\ntls");
}

TEST_F(MailTest, AWrongPasswordKillsNoMessage) {
  SmtpPeer peer("starttls", "desk", "correct horse");
  options.mailer.ca_file = peer.certificate();
  write_secret("mail-password", "wrong");
  configure_mail({{.port = peer.port(), .host = "localhost", .security = "starttls", .user = "desk", .secret = "mail-password"}});
  auto life = start();
  request(letter());
  intake_mail(*life);
  EXPECT_EQ(deliver_mail(*life), 1U);
  EXPECT_EQ(states(), "ready");
  EXPECT_THAT(text("SELECT last_error FROM outbox.delivery"), HasSubstr("535"));
}

TEST_F(MailTest, ACutAfterTheDotIsAskedAbout) {
  CutServer server;
  configure_mail({{.port = server.port()}});
  auto life = start();
  request(letter());
  intake_mail(*life);
  EXPECT_EQ(deliver_mail(*life), 1U);
  EXPECT_EQ(states(), "dead");
  EXPECT_THAT(results(*life), ElementsAre("dead:maybe_sent!"));
  EXPECT_EQ(server.dots(), 1);
}

TEST_F(MailTest, ACutAfterTheDotIsSentAgainUnderTheSameIdWhereTheMailboxSaysSo) {
  std::atomic<bool> cut = true;
  CutServer server([&](Wire& wire) {
    if (!cut.exchange(false)) wire.say("250 taken\r\n");
  });
  configure_mail({{.port = server.port(), .when_maybe_sent = "resend"}});
  auto life = start();
  request(letter());
  intake_mail(*life);
  EXPECT_EQ(deliver_mail(*life), 1U);
  EXPECT_EQ(states(), "ready");
  const auto first = server.heard();
  let_time_pass();
  EXPECT_EQ(deliver_mail(*life), 1U);
  EXPECT_EQ(server.dots(), 2);
  EXPECT_EQ(server.heard(), first) << "byte for byte, Message-ID and date included";
  EXPECT_THAT(results(*life), ElementsAre("delivered"));
}

TEST_F(MailTest, ADeathBetweenDotAndRecordIsADoubtToo) {
  SmtpPeer peer;
  configure_mail({{.port = peer.port()}, {.port = peer.port(), .name = "sales", .when_maybe_sent = "resend"}});
  auto life = start();
  request(letter("t1"));
  auto sales = letter("t2");
  sales.mailbox = "sales";
  request(sales);
  intake_mail(*life);
  EXPECT_EQ(send_mail(*life), 2U);
  EXPECT_EQ(peer.count(), 2);
  EXPECT_EQ(states(), "leased leased");
  life.reset();
  life = start();  // the same instance: its predecessor's leases need not be waited for
  EXPECT_EQ(life->service.mail_reaper().reap_once(), 2U);
  EXPECT_EQ(states(), "dead ready");
  EXPECT_THAT(results(*life), ElementsAre("dead:maybe_sent!"));
  EXPECT_EQ(deliver_mail(*life), 1U);
  EXPECT_EQ(peer.count(), 3);
  const auto id_line = [&](int number) {
    const auto mail = peer.read(number, "mail");
    const auto at = mail.find("Message-ID:");
    return mail.substr(at, mail.find("\r\n", at) - at);
  };
  EXPECT_TRUE(id_line(3) == id_line(1) || id_line(3) == id_line(2));
  EXPECT_THAT(results(*life), ElementsAre("dead:maybe_sent!", "delivered"));
}

TEST_F(MailTest, ALeaseThatEndsIsReapedOnceAndALateEndCountsNoMore) {
  SmtpPeer peer;
  configure_mail({{.port = peer.port()}});
  auto life = start("outbox-0");
  request(letter());
  intake_mail(*life);
  EXPECT_EQ(life->service.mail_claimer().claim_once(), 1U);
  auto other = start("outbox-1");
  EXPECT_EQ(other->service.mail_reaper().reap_once(), 0U) << "the lease still runs";
  admin->execute_script("UPDATE outbox.delivery SET lease_until = now() - interval '1 second'");
  EXPECT_EQ(other->service.mail_reaper().reap_once(), 1U);
  EXPECT_EQ(other->service.reaper().reap_once(), 0U) << "mail is not the webhooks' reaper's";
  EXPECT_EQ(life->service.mailer().send_once(), 1U);
  EXPECT_EQ(life->service.mail_recorder().record_once(), 1U);
  EXPECT_EQ(metric(*life, "mails_late_total"), "1");
  EXPECT_THAT(results(*other), ElementsAre("dead:maybe_sent!"));
  EXPECT_THAT(results(*life), ElementsAre("dead:maybe_sent!"));
}

TEST_F(MailTest, AWithdrawnMessageIsNotSent) {
  SmtpPeer peer;
  configure_mail({{.port = peer.port()}});
  auto life = start();
  withdraw(letter("t1"), request(letter("t1")));  // in the same batch
  const auto id = request(letter("t2"));
  intake_mail(*life);
  withdraw(letter("t2"), id);
  intake_mail(*life);
  withdraw(letter("t2"), id);
  intake_mail(*life);
  EXPECT_EQ(deliver_mail(*life), 0U);
  EXPECT_EQ(peer.count(), 0);
  EXPECT_THAT(results(*life), ElementsAre("dead:withdrawn", "dead:withdrawn"));
  EXPECT_EQ(text("SELECT string_agg(end_code, ' ') FROM outbox.delivery"), "withdrawn withdrawn");
}

TEST_F(MailTest, OneInFlightIsAnsweredByWhatHappened) {
  SmtpPeer peer;
  configure_mail({{.port = peer.port()}});
  auto life = start();
  const auto taken = request(letter("t1"));
  const auto refused = request(letter("t2", "data-451@customer.example"));
  intake_mail(*life);
  EXPECT_EQ(life->service.mail_claimer().claim_once(), 2U);
  withdraw(letter("t1"), taken);
  withdraw(letter("t2"), refused);
  intake_mail(*life);
  EXPECT_THAT(results(*life), IsEmpty());
  EXPECT_EQ(life->service.mailer().send_once(), 2U);
  EXPECT_EQ(life->service.mail_recorder().record_once(), 2U);
  EXPECT_EQ(states(), "delivered dead");
  EXPECT_THAT(results(*life), ::testing::UnorderedElementsAre("delivered", "dead:withdrawn"));
  withdraw(letter("t1"), taken);
  intake_mail(*life);
  EXPECT_EQ(results(*life).size(), 2U) << "one that is through is not answered again";
}

TEST_F(MailTest, AWithdrawalOfWhatWasNeverAcceptedIsAnsweredOnce) {
  configure_mail({});
  auto life = start();
  withdraw(letter(), *base::Uuid::parse("018f6e1c-0000-7000-8000-00000000beef"));
  intake_mail(*life);
  withdraw(letter(), *base::Uuid::parse("018f6e1c-0000-7000-8000-00000000beef"));
  intake_mail(*life);
  EXPECT_THAT(results(*life), ElementsAre("dead:message_unknown"));
}

TEST_F(MailTest, AMessageOfAnotherTicketCannotBeWithdrawn) {
  SmtpPeer peer;
  configure_mail({{.port = peer.port()}});
  auto life = start();
  const auto id = request(letter("t1"));
  intake_mail(*life);
  withdraw(letter("t2"), id);
  intake_mail(*life);
  EXPECT_EQ(text("SELECT reason FROM outbox.dead_letter"), "message_of_another_ticket");
  EXPECT_EQ(deliver_mail(*life), 1U);
}

TEST_F(MailTest, AMissingMailboxIsWaitedForAndThenGivenUp) {
  options.mail_waits_for_mailbox = std::chrono::hours{24};
  SmtpPeer peer;
  configure_mail({{.port = peer.port(), .enabled = false}});
  auto life = start();
  request(letter("t1"));
  intake_mail(*life);
  auto elsewhere = letter("t2");
  elsewhere.mailbox = "nowhere";
  request(elsewhere);
  intake_mail(*life);
  EXPECT_EQ(deliver_mail(*life), 0U);
  EXPECT_EQ(life->service.mail_reaper().give_up_stranded_once(), 0U);
  admin->execute_script("UPDATE outbox.delivery SET due_at = now() - interval '25 hours' WHERE ticket_id = 't2'");
  EXPECT_EQ(life->service.mail_reaper().give_up_stranded_once(), 1U);
  EXPECT_THAT(results(*life), ElementsAre("dead:mailbox_missing"));
  configure_mail({{.port = peer.port(), .version = 2}});
  refresh(*life);
  EXPECT_EQ(life->service.mail_reaper().give_up_stranded_once(), 0U);
  EXPECT_EQ(deliver_mail(*life), 1U) << "the mailbox came, and what waited for it goes out";
  EXPECT_THAT(results(*life), ElementsAre("dead:mailbox_missing", "delivered"));
}

TEST_F(MailTest, AHangingServerHoldsUpOnlyItsOwnMailbox) {
  CutServer silent([](Wire& wire) { wire.hear_all(); });
  SmtpPeer healthy;
  options.mailer.lanes = 4;
  options.mail_claimer.most_per_mailbox = 2;
  configure_mail({{.port = silent.port()}, {.port = healthy.port(), .tenant = "bolt"}});
  auto life = start();
  for (int i = 0; i < 6; ++i) request(letter("s" + std::to_string(i)));
  for (int i = 0; i < 6; ++i) {
    auto message = letter("h" + std::to_string(i));
    message.tenant = "bolt";
    request(message);
  }
  intake_mail(*life);
  std::jthread lane([&](std::stop_token stop) { life->service.mailer().run(stop); });
  const auto deadline = std::chrono::steady_clock::now() + 6s;  // the silent one's timeout is 8 s
  while (healthy.count() < 6 && std::chrono::steady_clock::now() < deadline) {
    life->service.mail_claimer().claim_once();
    life->service.mail_recorder().record_once();
  }
  EXPECT_EQ(healthy.count(), 6);
  EXPECT_EQ(number("SELECT count(*) FROM outbox.delivery WHERE tenant_id = 'acme' AND state = 'leased'"), 2);
}

TEST_F(MailTest, GivesBackWhatItDidNotSendWhenItStopsAndBreaksOffTheRest) {
  CutServer silent([](Wire& wire) { wire.hear_all(); });
  options.mailer.lanes = 1;
  options.mailer.grace = 100ms;
  configure_mail({{.port = silent.port()}});
  auto life = start();
  request(letter("t1"));
  intake_mail(*life);
  EXPECT_EQ(life->service.mail_claimer().claim_once(), 1U);
  std::jthread lane([&](std::stop_token stop) { life->service.mailer().run(stop); });
  while (silent.dots() == 0) {
  }
  const auto begun = std::chrono::steady_clock::now();
  lane.request_stop();
  lane.join();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 4s);
  std::stop_source stopped;
  stopped.request_stop();
  life->service.mail_recorder().run(stopped.get_token());
  EXPECT_EQ(states(), "dead");
  EXPECT_THAT(results(*life), ElementsAre("dead:maybe_sent!"));
}

TEST_F(MailTest, TheLoopsDeliverByThemselvesAndStop) {
  SmtpPeer peer;
  configure_mail({{.port = peer.port()}});
  auto life = start();
  std::vector<std::jthread> threads;
  auto loops = life->core.named_loops();
  for (auto& loop : loops) threads.emplace_back([run = loop.run](std::stop_token stop) { run(stop); });
  for (int ticket = 0; ticket < 30; ++ticket) request(letter("t" + std::to_string(ticket)));
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (number("SELECT count(*) FROM outbox.delivery WHERE state = 'delivered'") < 30 && std::chrono::steady_clock::now() < deadline) {
  }
  while (!threads.empty()) threads.pop_back();
  EXPECT_EQ(number("SELECT count(*) FROM outbox.delivery WHERE state = 'delivered'"), 30);
  EXPECT_EQ(peer.count(), 30);
  EXPECT_EQ(results(*life).size(), 30U);
}

}  // namespace
}  // namespace countersign::outbox::testing
