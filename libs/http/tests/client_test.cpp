#include "http/client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "base/errors.hpp"
#include "http/tests/sockets.hpp"

namespace countersign::http {
namespace {

using testing::MisbehavingServer;
using testing::ok;
using testing::Wire;
using namespace std::chrono_literals;
using ::testing::HasSubstr;
using Kind = Outcome::Kind;

ClientOptions calling_loopback() {
  ClientOptions options;
  options.address_policy = {AddressScope::public_and_loopback, {{1, 65535}}};
  return options;
}

Call effect(const std::string& url, std::string body = R"({"amount":5})") {
  Call call;
  call.method = "POST";
  call.url = url;
  call.body = std::move(body);
  call.effect = true;
  return call;
}

Call get(const std::string& url) {
  Call call;
  call.url = url;
  return call;
}

void answer_every_request(Wire& wire, std::atomic<int>& executions) {
  while (!wire.hear_message().empty()) {
    ++executions;
    wire.say(ok("done"));
  }
}

class ClientTest : public ::testing::Test {
 protected:
  Client client{calling_loopback()};
};

TEST_F(ClientTest, SendsWhatItWasGivenAndReadsTheAnswer) {
  std::string heard;
  MisbehavingServer server([&](Wire& wire, int) {
    heard = wire.hear_message();
    wire.say("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 201 Created\r\nX-Id: 7\r\nContent-Length: 2\r\n\r\nhi");
  });
  Call call = effect(server.url("/refunds?x=1"));
  call.headers = {{"Idempotency-Key", "k1"}, {"Content-Type", "application/json"}, {"X-Empty", ""}};
  const Outcome outcome = client.call(call);
  EXPECT_EQ(outcome.kind, Kind::answered);
  EXPECT_EQ(outcome.status, 201);
  EXPECT_EQ(outcome.body, "hi");
  EXPECT_EQ(base::find_header(outcome.headers, "x-id"), "7");
  EXPECT_EQ(base::find_header(outcome.headers, "link"), std::nullopt);
  EXPECT_THAT(heard, HasSubstr("POST /refunds?x=1 HTTP/1.1\r\n"));
  EXPECT_THAT(heard, HasSubstr("Idempotency-Key: k1\r\n"));
  EXPECT_THAT(heard, HasSubstr("X-Empty:\r\n"));
  EXPECT_THAT(heard, HasSubstr("\r\n\r\n{\"amount\":5}"));
  EXPECT_THAT(heard, Not(HasSubstr("Expect")));
}

TEST_F(ClientTest, CallsHundredsAtATime) {
  std::mutex mutex;
  std::condition_variable all_here;
  int waiting = 0;
  // Nobody is answered before all have asked.
  MisbehavingServer server([&](Wire& wire, int) {
    if (wire.hear_message().empty()) return;
    std::unique_lock lock(mutex);
    if (++waiting == 200) all_here.notify_all();
    all_here.wait_for(lock, 10s, [&] { return waiting >= 200; });
    wire.say(ok("done"));
  });
  int answered = 0;
  for (int i = 0; i < 200; ++i) {
    client.send(effect(server.url()), [&](const Outcome& outcome) { answered += outcome.kind == Kind::answered ? 1 : 0; });
  }
  while (client.in_flight() > 0) client.run_once(1s);
  EXPECT_EQ(answered, 200);
}

TEST_F(ClientTest, KeepsConnections) {
  MisbehavingServer server([&](Wire& wire, int) { answer_every_request(wire, server.executions); });
  EXPECT_FALSE(client.call(effect(server.url())).connection_reused);
  EXPECT_TRUE(client.call(effect(server.url())).connection_reused);
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(ClientTest, RefusedConnectionWasNotSent) {
  const int bound = socket(AF_INET, SOCK_STREAM, 0);  // bound and not listening: nobody else gets the port, nobody answers
  auto address = testing::loopback_at(0);
  socklen_t size = sizeof address;
  ASSERT_EQ(bind(bound, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  getsockname(bound, reinterpret_cast<sockaddr*>(&address), &size);
  const Outcome outcome = client.call(effect("http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/"));
  EXPECT_EQ(outcome.kind, Kind::not_sent);
  EXPECT_FALSE(outcome.error.empty());
  close(bound);
}

TEST_F(ClientTest, UnknownNameWasNotSent) {
  Call call = effect("https://no-such-name.invalid/");
  call.total_timeout = 2s;
  EXPECT_EQ(client.call(call).kind, Kind::not_sent);
}

TEST_F(ClientTest, FailedHandshakeWasNotSent) {
  MisbehavingServer server([](Wire& wire, int) {
    wire.hear();
    wire.say("this is not TLS\r\n");
  });
  const Outcome outcome = client.call(effect("https://127.0.0.1:" + std::to_string(server.port()) + "/"));
  EXPECT_EQ(outcome.kind, Kind::not_sent);
}

TEST_F(ClientTest, SilentHandshakeEndsWithTheConnectTimeoutAndWasNotSent) {
  MisbehavingServer server([](Wire& wire, int) { wire.hear_all(); });
  Call call = effect("https://127.0.0.1:" + std::to_string(server.port()) + "/");
  call.connect_timeout = 200ms;
  const Outcome outcome = client.call(call);
  EXPECT_EQ(outcome.kind, Kind::not_sent);
  EXPECT_LT(outcome.seconds, 5);
}

TEST_F(ClientTest, ResetAfterTheRequestIsUnknown) {
  MisbehavingServer server([&](Wire& wire, int) {
    wire.hear_message();
    ++server.executions;
    wire.reset();
  });
  EXPECT_EQ(client.call(effect(server.url())).kind, Kind::unknown);
  EXPECT_EQ(server.executions, 1);
}

TEST_F(ClientTest, SilenceEndsWithTheTotalTimeoutAndIsUnknown) {
  MisbehavingServer server([](Wire& wire, int) { wire.hear_all(); });
  Call call = effect(server.url());
  call.total_timeout = 200ms;
  const Outcome outcome = client.call(call);
  EXPECT_EQ(outcome.kind, Kind::unknown);
  EXPECT_LT(outcome.seconds, 5);
}

TEST_F(ClientTest, ATrickledAnswerEndsWithTheTotalTimeout) {
  MisbehavingServer server([](Wire& wire, int) {
    wire.hear_message();
    wire.say("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
    while (wire.say("x")) {
      pollfd hung_up{wire.fd(), POLLRDHUP, 0};
      if (poll(&hung_up, 1, 50) > 0) return;
    }
  });
  Call call = effect(server.url());
  call.total_timeout = 300ms;
  const Outcome outcome = client.call(call);
  EXPECT_EQ(outcome.kind, Kind::unknown);
  EXPECT_EQ(outcome.status, 200);
  EXPECT_LT(outcome.seconds, 5);
}

TEST_F(ClientTest, AnEndlessAnswerIsCut) {
  MisbehavingServer server([](Wire& wire, int) {
    wire.hear_message();
    wire.say("HTTP/1.1 200 OK\r\n\r\n");
    while (wire.say(std::string(4096, 'x'))) {
    }
  });
  Call call = effect(server.url());
  call.max_response_bytes = 1000;
  const Outcome outcome = client.call(call);
  EXPECT_EQ(outcome.kind, Kind::unknown);
  EXPECT_TRUE(outcome.body_cut);
  EXPECT_EQ(outcome.status, 200);
  EXPECT_EQ(outcome.body.size(), 1000U);
}

TEST_F(ClientTest, EndlessHeadersAreCut) {
  MisbehavingServer server([](Wire& wire, int) {
    wire.hear_message();
    wire.say("HTTP/1.1 200 OK\r\n");
    while (wire.say("X-More: " + std::string(1000, 'x') + "\r\n")) {
    }
  });
  const Outcome outcome = client.call(effect(server.url()));
  EXPECT_EQ(outcome.kind, Kind::unknown);
  EXPECT_LE(outcome.headers.size(), 70U);
}

// Answers one request, then takes a second one on the same connection and closes without a byte.
void drop_the_second(Wire& wire, int number, std::atomic<int>& executions) {
  if (wire.hear_message().empty()) return;
  ++executions;
  wire.say(ok("done"));
  if (number > 0) return answer_every_request(wire, executions);
  if (!wire.hear_message().empty()) ++executions;
}

TEST_F(ClientTest, AnEffectIsNotSentAgainWhenAKeptConnectionCloses) {
  MisbehavingServer server([&](Wire& wire, int number) { drop_the_second(wire, number, server.executions); });
  ASSERT_EQ(client.call(effect(server.url())).kind, Kind::answered);
  const Outcome outcome = client.call(effect(server.url()));
  EXPECT_EQ(outcome.kind, Kind::unknown);
  EXPECT_EQ(server.executions, 2);  // one for each call
}

TEST_F(ClientTest, ALargeEffectIsNotSentAgainEither) {
  MisbehavingServer server([&](Wire& wire, int number) { drop_the_second(wire, number, server.executions); });
  const std::string large(200'000, 'x');
  ASSERT_EQ(client.call(effect(server.url(), large)).kind, Kind::answered);
  EXPECT_EQ(client.call(effect(server.url(), large)).kind, Kind::unknown);
  EXPECT_EQ(server.executions, 2);
}

// Shows that the trap is real: without `effect` curl does send it again, which is what a read wants.
TEST_F(ClientTest, AReadIsSentAgainWhenAKeptConnectionCloses) {
  MisbehavingServer server([&](Wire& wire, int number) { drop_the_second(wire, number, server.executions); });
  ASSERT_EQ(client.call(get(server.url())).kind, Kind::answered);
  EXPECT_EQ(client.call(get(server.url())).kind, Kind::answered);
  EXPECT_EQ(server.executions, 3);
}

TEST_F(ClientTest, AnEffectWithoutABodyGetsANewConnection) {
  MisbehavingServer server([&](Wire& wire, int number) { drop_the_second(wire, number, server.executions); });
  ASSERT_EQ(client.call(effect(server.url())).kind, Kind::answered);
  for (const char* method : {"POST", "DELETE"}) {
    Call call = effect(server.url(), "");
    call.method = method;
    const Outcome outcome = client.call(call);
    EXPECT_EQ(outcome.kind, Kind::answered) << outcome.error;
    EXPECT_FALSE(outcome.connection_reused);
  }
  EXPECT_EQ(server.executions, 3);
}

TEST_F(ClientTest, DoesNotFollowARedirect) {
  MisbehavingServer server([&](Wire& wire, int) {
    while (!wire.hear_message().empty()) {
      ++server.executions;
      wire.say("HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n");
    }
  });
  EXPECT_EQ(client.call(get(server.url())).status, 302);
  EXPECT_EQ(server.executions, 1);
}

TEST_F(ClientTest, IgnoresProxiesOfTheEnvironment) {
  setenv("http_proxy", "http://127.0.0.1:1", 1);
  setenv("all_proxy", "http://127.0.0.1:1", 1);
  MisbehavingServer server([&](Wire& wire, int) { answer_every_request(wire, server.executions); });
  EXPECT_EQ(client.call(get(server.url())).kind, Kind::answered);
  unsetenv("http_proxy");
  unsetenv("all_proxy");
}

TEST_F(ClientTest, ANameThatLeadsInwardIsNotConnectedTo) {
  MisbehavingServer server([](Wire& wire, int) { wire.hear(); });
  Call call = effect("https://localhost:" + std::to_string(server.port()) + "/");
  call.address_policy = AddressPolicy{AddressScope::public_only, {{1, 65535}}};
  const Outcome outcome = client.call(call);
  EXPECT_EQ(outcome.kind, Kind::not_sent);
  EXPECT_THAT(outcome.error, HasSubstr("may be called"));
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(ClientTest, AKeptConnectionIsNotLentToAnotherPolicy) {
  MisbehavingServer server([&](Wire& wire, int) { answer_every_request(wire, server.executions); });
  ASSERT_EQ(client.call(get(server.url())).kind, Kind::answered);
  Call call = get(server.url());
  call.address_policy = AddressPolicy{AddressScope::any, {{1, 65535}}};
  EXPECT_FALSE(client.call(call).connection_reused);
  EXPECT_EQ(server.connections(), 2);
}

TEST_F(ClientTest, RefusesWhatWouldForgeARequest) {
  MisbehavingServer server([&](Wire& wire, int) { answer_every_request(wire, server.executions); });
  std::vector<Call> forged(5, get(server.url()));
  forged[0].headers = {{"X", "a\r\nY: b"}};
  forged[1].headers = {{"X: y\r\nZ", "b"}};
  forged[2].headers = {{"content-length", "3"}};
  forged[3].method = "GET / HTTP/1.1\r\nX: y\r\n\r\nGET";
  forged[4].url += "\r\nX: y";
  for (const Call& call : forged) EXPECT_EQ(client.call(call).kind, Kind::not_sent);
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(ClientTest, DoneMaySendAgain) {
  MisbehavingServer server([&](Wire& wire, int) { answer_every_request(wire, server.executions); });
  int answers = 0;
  client.send(get(server.url()), [&](const Outcome&) { client.send(get(server.url()), [&](const Outcome&) { ++answers; }); });
  while (client.in_flight() > 0) client.run_once(1s);
  EXPECT_EQ(answers, 1);
}

TEST_F(ClientTest, WakeEndsTheWait) {
  const auto begun = std::chrono::steady_clock::now();
  std::jthread waker([&] { client.wake(); });
  client.run_once(30s);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 10s);
}

TEST_F(ClientTest, MayEndWithCallsInFlight) {
  MisbehavingServer server([](Wire& wire, int) { wire.hear_all(); });
  Client brief(calling_loopback());
  brief.send(get(server.url()), [](const Outcome&) { FAIL(); });
  brief.run_once(0ms);
}

TEST(ClientOptionsTest, AMissingCaFileIsMisconfigured) {
  ClientOptions options;
  options.ca_file = "/nowhere/ca.pem";
  EXPECT_THROW(Client{options}, base::Misconfigured);
}

}  // namespace
}  // namespace countersign::http
