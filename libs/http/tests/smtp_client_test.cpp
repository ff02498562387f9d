#include "http/smtp_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "base/errors.hpp"
#include "http/mail.hpp"
#include "http/tests/smtp_peer.hpp"
#include "http/tests/sockets.hpp"

namespace countersign::http {
namespace {

using testing::MisbehavingServer;
using testing::SmtpPeer;
using testing::Wire;
using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;
using Kind = SmtpOutcome::Kind;

SmtpOptions development(const std::string& ca_file = "") {
  SmtpOptions options;
  options.address_policy = {AddressScope::public_and_loopback, {{1, 65535}}};
  options.ca_file = ca_file;
  options.total_timeout = 10s;
  return options;
}

SmtpServer here(std::uint16_t port, SmtpSecurity security = SmtpSecurity::none) {
  return {"127.0.0.1", port, security, "", base::Secret{}};
}

Posting to(const std::string& recipient, std::string mail = "Subject: hello\r\n\r\nhello\r\n") {
  return {"desk@shop.example", recipient, std::move(mail)};
}

const Posting posting = to("ann@customer.example");

// One line from the client, without its end; empty when it left.
std::string hear_line(Wire& wire, std::string& buffer) {
  while (buffer.find("\r\n") == std::string::npos) {
    const auto chunk = wire.hear();
    if (chunk.empty()) return {};
    buffer += chunk;
  }
  const auto end = buffer.find("\r\n");
  std::string line = buffer.substr(0, end);
  buffer.erase(0, end + 2);
  return line;
}

// Speaks as a good server does up to and with the answer to `last`, and returns true when it heard that command. `dot` is the end of data.
bool speak_until(Wire& wire, const std::string& last, const std::string& answer_to_last) {
  std::string buffer;
  wire.say("220 here\r\n");
  for (std::string line = hear_line(wire, buffer); !line.empty(); line = hear_line(wire, buffer)) {
    const bool data = line == "DATA";
    if (line.starts_with(last)) {
      if (!answer_to_last.empty()) wire.say(answer_to_last + "\r\n");
      return true;
    }
    wire.say(data ? "354 go on\r\n" : "250 fine\r\n");
    if (!data) continue;
    while (buffer.find("\r\n.\r\n") == std::string::npos) {
      const auto chunk = wire.hear();
      if (chunk.empty()) return false;
      buffer += chunk;
    }
    if (!answer_to_last.empty()) wire.say(answer_to_last + "\r\n");
    return true;
  }
  return false;
}

TEST(SmtpClientTest, HandsAMessageOverInTheClearToThisMachineOnly) {
  SmtpPeer peer;
  const auto outcome = SmtpClient(development()).send(here(peer.port()), posting);
  ASSERT_EQ(outcome.kind, Kind::accepted) << outcome.error;
  EXPECT_EQ(outcome.code, 250);
  EXPECT_EQ(outcome.answer, "250 2.0.0 taken as 1");
  EXPECT_EQ(peer.count(), 1);
  EXPECT_EQ(peer.read(1, "mail"), posting.mail);
  EXPECT_EQ(peer.read(1, "envelope"), "desk@shop.example\nann@customer.example\n\nclear");
}

TEST(SmtpClientTest, GoesNowhereThatThePolicyForbids) {
  SmtpPeer peer;
  auto options = development();
  options.address_policy.scope = AddressScope::public_only;
  auto outcome = SmtpClient(options).send(here(peer.port()), posting);
  EXPECT_EQ(outcome.kind, Kind::not_sent);
  EXPECT_THAT(outcome.error, HasSubstr("127.0.0.1"));
  options.address_policy.scope = AddressScope::any;
  SmtpServer elsewhere = here(peer.port());
  elsewhere.host = "192.0.2.1";
  outcome = SmtpClient(options).send(elsewhere, posting);
  EXPECT_EQ(outcome.kind, Kind::not_sent);
  EXPECT_THAT(outcome.error, HasSubstr("192.0.2.1")) << "without TLS only this machine is talked to";
  outcome = SmtpClient().send(here(6379), posting);
  EXPECT_THAT(outcome.error, HasSubstr("port"));
  EXPECT_EQ(peer.count(), 0);
}

TEST(SmtpClientTest, UsesTlsFromTheStartOrByStarttls) {
  for (const auto& [name, security] : {std::pair{"starttls", SmtpSecurity::starttls}, std::pair{"tls", SmtpSecurity::tls}}) {
    SmtpPeer peer(name, "desk", "correct horse");
    SmtpServer server{"localhost", peer.port(), security, "desk", base::Secret{"correct horse"}};
    const auto outcome = SmtpClient(development(peer.certificate())).send(server, posting);
    ASSERT_EQ(outcome.kind, Kind::accepted) << name << ": " << outcome.error;
    EXPECT_EQ(peer.read(1, "envelope"), "desk@shop.example\nann@customer.example\ndesk\ntls");
  }
}

TEST(SmtpClientTest, AWrongPasswordIsAboutTheMailboxNotTheMessage) {
  SmtpPeer peer("starttls", "desk", "correct horse");
  SmtpServer server{"localhost", peer.port(), SmtpSecurity::starttls, "desk", base::Secret{"wrong"}};
  const auto outcome = SmtpClient(development(peer.certificate())).send(server, posting);
  EXPECT_EQ(outcome.kind, Kind::not_sent);
  EXPECT_EQ(outcome.code, 535);
  EXPECT_THAT(outcome.error, HasSubstr("535"));
  EXPECT_THAT(outcome.error + outcome.answer, Not(HasSubstr("wrong")));
}

TEST(SmtpClientTest, TrustsNoCertificateButTheHosts) {
  SmtpPeer peer("starttls");
  SmtpServer server = here(peer.port(), SmtpSecurity::starttls);
  auto outcome = SmtpClient(development()).send(server, posting);
  EXPECT_EQ(outcome.kind, Kind::not_sent) << "signed by nobody we know";
  SmtpPeer other("starttls");
  outcome = SmtpClient(development(other.certificate())).send(server, posting);
  EXPECT_EQ(outcome.kind, Kind::not_sent) << "another server's";
  EXPECT_EQ(peer.count(), 0);
  EXPECT_THROW(SmtpClient(development("/nowhere/ca.pem")), base::Misconfigured);
}

TEST(SmtpClientTest, SaysNothingInTheClearWhereTlsIsDemanded) {
  std::string heard;
  MisbehavingServer server([&](Wire& wire, int) {
    std::string buffer;
    wire.say("220 here\r\n");
    for (std::string line = hear_line(wire, buffer); !line.empty(); line = hear_line(wire, buffer)) {
      heard += line + "\n";
      wire.say(line.starts_with("EHLO") ? "250-here\r\n250 AUTH PLAIN LOGIN\r\n" : "250 fine\r\n");
    }
  });
  SmtpServer mailbox{"127.0.0.1", server.port(), SmtpSecurity::starttls, "desk", base::Secret{"correct horse"}};
  const auto outcome = SmtpClient(development()).send(mailbox, posting);
  EXPECT_EQ(outcome.kind, Kind::not_sent);
  EXPECT_THAT(heard, Not(HasSubstr("AUTH")));
  EXPECT_THAT(heard, Not(HasSubstr("MAIL")));
}

TEST(SmtpClientTest, SurvivesAServerThatOnlyPretendsToSpeakTls) {
  MisbehavingServer at_once([](Wire& wire, int) { wire.say("this is not TLS\r\n"); });
  EXPECT_EQ(SmtpClient(development()).send(here(at_once.port(), SmtpSecurity::tls), posting).kind, Kind::not_sent);
  MisbehavingServer later([](Wire& wire, int) {
    std::string buffer;
    wire.say("220 here\r\n");
    hear_line(wire, buffer);
    wire.say("250-here\r\n250 STARTTLS\r\n");
    hear_line(wire, buffer);
    wire.say("220 go ahead\r\nnot TLS at all\r\n");
  });
  EXPECT_EQ(SmtpClient(development()).send(here(later.port(), SmtpSecurity::starttls), posting).kind, Kind::not_sent);
}

TEST(SmtpClientTest, TellsRefusalsOfTheMessageApart) {
  SmtpPeer peer;
  const SmtpClient client(development());
  for (const auto& [recipient, kind, code] :
       {std::tuple{"rcpt-550@a.example", Kind::refused_permanent, 550}, std::tuple{"rcpt-450@a.example", Kind::refused_temporary, 450},
        std::tuple{"data-554@a.example", Kind::refused_permanent, 554}, std::tuple{"data-451@a.example", Kind::refused_temporary, 451}}) {
    const auto outcome = client.send(here(peer.port()), to(recipient));
    EXPECT_EQ(outcome.kind, kind) << recipient << ": " << outcome.error;
    EXPECT_EQ(outcome.code, code);
    EXPECT_THAT(outcome.error, HasSubstr("as you wish"));
  }
  EXPECT_EQ(peer.count(), 0);
}

TEST(SmtpClientTest, AServerThatIsClosedRefusesNoMessage) {
  MisbehavingServer server([](Wire& wire, int) { wire.say("554 no mail here\r\n"); });
  const auto outcome = SmtpClient(development()).send(here(server.port()), posting);
  EXPECT_EQ(outcome.kind, Kind::not_sent);
  EXPECT_EQ(outcome.code, 554);
}

TEST(SmtpClientTest, IsNotSentWhenNobodyListens) {
  std::uint16_t port = 0;
  {
    MisbehavingServer gone([](Wire&, int) {});
    port = gone.port();
  }
  EXPECT_EQ(SmtpClient(development()).send(here(port), posting).kind, Kind::not_sent);
}

TEST(SmtpClientTest, BeforeTheFinalDotACutLeavesNothingBehind) {
  for (const auto* command : {"EHLO", "MAIL", "RCPT", "DATA"}) {
    MisbehavingServer server([&](Wire& wire, int) { speak_until(wire, command, ""); });
    const auto outcome = SmtpClient(development()).send(here(server.port()), posting);
    EXPECT_EQ(outcome.kind, Kind::not_sent) << command;
    EXPECT_FALSE(outcome.error.empty());
  }
}

TEST(SmtpClientTest, ACutInTheMiddleOfTheMessageLeavesNothingBehind) {
  MisbehavingServer server([](Wire& wire, int) {
    if (speak_until(wire, "DATA", "354 go on")) wire.hear();
    wire.reset();
  });
  const auto outcome = SmtpClient(development()).send(here(server.port()), to("ann@a.example", std::string(32 << 20, 'x')));
  EXPECT_EQ(outcome.kind, Kind::not_sent) << outcome.error;
}

TEST(SmtpClientTest, ACutAfterTheFinalDotMayHaveSent) {
  for (const bool hard : {false, true}) {
    MisbehavingServer server([&](Wire& wire, int) {
      EXPECT_TRUE(speak_until(wire, "dot", ""));
      if (hard) wire.reset();
    });
    const auto outcome = SmtpClient(development()).send(here(server.port()), posting);
    EXPECT_EQ(outcome.kind, Kind::maybe_sent) << outcome.error;
    EXPECT_THAT(outcome.error, HasSubstr("no answer to the end of the message"));
  }
}

TEST(SmtpClientTest, SilenceAfterTheFinalDotMayHaveSentAndEndsInTime) {
  MisbehavingServer server([](Wire& wire, int) {
    speak_until(wire, "dot", "");
    wire.hear_all();
  });
  auto options = development();
  options.total_timeout = 1500ms;
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(SmtpClient(options).send(here(server.port()), posting).kind, Kind::maybe_sent);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 6s);
}

TEST(SmtpClientTest, SilenceBeforeTheMessageEndsInTime) {
  MisbehavingServer server([](Wire& wire, int) {
    speak_until(wire, "RCPT", "");
    wire.hear_all();
  });
  auto options = development();
  options.total_timeout = 1500ms;
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(SmtpClient(options).send(here(server.port()), posting).kind, Kind::not_sent);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 6s);
}

TEST(SmtpClientTest, ALateAnswerOfSeveralLinesCounts) {
  MisbehavingServer server([](Wire& wire, int) { speak_until(wire, "dot", "250-one\r\n250 two"); });
  const auto outcome = SmtpClient(development()).send(here(server.port()), posting);
  EXPECT_EQ(outcome.kind, Kind::accepted);
  EXPECT_EQ(outcome.answer, "250 two");
}

TEST(SmtpClientTest, HalfAnAnswerIsNone) {
  MisbehavingServer server([](Wire& wire, int) {
    speak_until(wire, "dot", "");
    wire.say("250-taken");
  });
  EXPECT_EQ(SmtpClient(development()).send(here(server.port()), posting).kind, Kind::maybe_sent);
}

TEST(SmtpClientTest, AServerThatDoesNotSayGoodbyeHasTakenTheMessageAllTheSame) {
  MisbehavingServer server([](Wire& wire, int) {
    speak_until(wire, "dot", "250 taken");
    wire.hear_all();
  });
  const auto begun = std::chrono::steady_clock::now();
  const auto outcome = SmtpClient(development()).send(here(server.port()), posting);
  EXPECT_EQ(outcome.kind, Kind::accepted);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 5s);
}

TEST(SmtpClientTest, AStopBreaksOffAndSaysWhatIsKnown) {
  for (const auto& [where, kind] : {std::pair{"RCPT", Kind::not_sent}, std::pair{"dot", Kind::maybe_sent}}) {
    std::stop_source stop;
    MisbehavingServer server([&, command = std::string(where)](Wire& wire, int) {
      speak_until(wire, command, "");
      stop.request_stop();
      wire.hear_all();
    });
    const auto begun = std::chrono::steady_clock::now();
    EXPECT_EQ(SmtpClient(development()).send(here(server.port()), posting, stop.get_token()).kind, kind);
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 5s);
  }
}

TEST(SmtpClientTest, NothingInAnAddressOrAPasswordBecomesACommand) {
  std::atomic<int> connections = 0;
  MisbehavingServer server([&](Wire&, int) { ++connections; });
  const SmtpClient client(development());
  EXPECT_EQ(client.send(here(server.port()), to("ann@a.example>\r\nRCPT TO:<eve@a.example")).kind, Kind::not_sent);
  EXPECT_EQ(client.send(here(server.port()), to("")).kind, Kind::not_sent);
  SmtpServer odd = here(server.port());
  odd.user = "desk\r\nMAIL FROM:<a@b>";
  EXPECT_EQ(client.send(odd, posting).kind, Kind::not_sent);
  odd = here(server.port());
  odd.host = "127.0.0.1/x@y";
  EXPECT_EQ(client.send(odd, posting).kind, Kind::not_sent);
  EXPECT_EQ(connections, 0);
}

// Dots wherever curl may cut its buffer: what arrives is what was given, byte for byte.
TEST(SmtpClientTest, DotsAtTheBeginningOfALineArriveAsTheyWere) {
  SmtpPeer peer;
  const SmtpClient client(development());
  std::mt19937 random(20261121);
  std::vector<std::string> mails{"S: x\r\n\r\n.\r\n", "S: x\r\n\r\n..\r\n.\r\n.hidden\r\n", "S: x\r\n\r\nends with a dot\r\n."};
  mails.back() += "\r\n";
  for (int round = 0; round < 6; ++round) {
    std::string mail = "S: x\r\n\r\n";
    while (mail.size() < 200'000) {
      for (auto left = random() % 4; left > 0; --left) mail += '.';
      mail += std::string(random() % 40, 'x') + "\r\n";
    }
    mails.push_back(mail);
  }
  int number = 0;
  for (const auto& mail : mails) {
    ASSERT_EQ(client.send(here(peer.port()), to("ann@a.example", mail)).kind, Kind::accepted);
    EXPECT_TRUE(peer.read(++number, "mail") == mail) << "message " << number;
  }
}

TEST(SmtpClientTest, ALetterIsReadAsItWasWritten) {
  SmtpPeer peer;
  const std::string text = "Grüße,\r\n.\r\n..ein Punkt\r\nФёдор \r\n" + std::string(200, 'w') + "\r\n=20 ist keins\r\n";
  Letter letter{{"desk@shop.example", "Käse & Söhne, \"Laden\""},
                "answers@shop.example",
                "ann@customer.example",
                "Ihre Rückerstattung über 25,00 € — " + std::string(60, 'x') + " ведомость",
                text,
                "<p>Grüße</p>\r\n",
                "018f-1",
                base::WallTime{std::chrono::seconds{1'795'260'340}}};
  const auto mail = compose_mail(letter);
  ASSERT_TRUE(mail);
  ASSERT_EQ(SmtpClient(development()).send(here(peer.port()), to(letter.to, *mail)).kind, Kind::accepted);
  EXPECT_EQ(peer.read(1, "subject"), letter.subject);
  EXPECT_THAT(peer.read(1, "from"), HasSubstr("<desk@shop.example>"));
  EXPECT_THAT(peer.read(1, "from"), HasSubstr("Käse & Söhne"));
  EXPECT_EQ(peer.read(1, "to"), "ann@customer.example");
  EXPECT_EQ(peer.read(1, "text"), text);
  EXPECT_EQ(peer.read(1, "html"), letter.html);
}

}  // namespace
}  // namespace countersign::http
