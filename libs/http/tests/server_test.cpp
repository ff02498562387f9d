#include "http/server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "base/errors.hpp"
#include "http/tests/sockets.hpp"

namespace countersign::http {
namespace {

using testing::Wire;
using namespace std::chrono_literals;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class ServerTest : public ::testing::Test {
 protected:
  ServerOptions quick() {
    ServerOptions options;
    options.name = "test";
    options.header_timeout = 300ms;
    options.most_body_bytes = 1000;
    return options;
  }
  Router routes() {
    Router router;
    router.on("GET", "/hello", [](const Request&) { return Response{200, "text/plain", "hello", {}}; });
    router.on("POST", "/echo", [](const Request& request) { return Response{200, "text/plain", request.body, {{"X", "a\r\nForged: b"}}}; });
    router.on("GET", "/bug", [](const Request&) -> Response { throw std::runtime_error("the password is 1234"); });
    router.on("GET", "/down", [](const Request&) -> Response { throw base::Unavailable("no database"); });
    return router;
  }
  std::string ask(const Server& server, const std::string& bytes) {
    Wire wire = Wire::connect_to(server.port());
    wire.say(bytes);
    return wire.hear_message();
  }

  telemetry::Log log{"test", "test-0", telemetry::Level::error};
  telemetry::Metrics metrics;
  telemetry::Telemetry telemetry{log, metrics};
};

TEST_F(ServerTest, AnswersAndKeepsTheConnection) {
  Server server(quick(), routes(), telemetry);
  Wire wire = Wire::connect_to(server.port());
  for (int i = 0; i < 3; ++i) {
    wire.say("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    const auto answer = wire.hear_message();
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(answer, EndsWith("\r\n\r\nhello"));
  }
  EXPECT_THAT(metrics.expose(), HasSubstr(R"(countersign_http_requests_total{route="/hello",server="test",status="200"} 3)"));
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
  Server server(quick(), routes(), telemetry);
  Wire wire = Wire::connect_to(server.port());
  wire.say("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\noneGET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const auto answers = wire.hear_all();
  EXPECT_LT(answers.find("\r\n\r\none"), answers.find("\r\n\r\nhello"));
  EXPECT_THAT(answers, EndsWith("hello"));
}

TEST_F(ServerTest, HeadHasNoBody) {
  Server server(quick(), routes(), telemetry);
  Wire wire = Wire::connect_to(server.port());
  wire.say("HEAD /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const auto answer = wire.hear_all();
  EXPECT_THAT(answer, HasSubstr("Content-Length: 5\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\n"));
}

TEST_F(ServerTest, InvitesABodyThatAsksFirst) {
  Server server(quick(), routes(), telemetry);
  Wire wire = Wire::connect_to(server.port());
  wire.say("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_THAT(wire.hear(), StartsWith("HTTP/1.1 100 Continue\r\n"));
  wire.say("one");
  EXPECT_THAT(wire.hear_message(), EndsWith("one"));
}

TEST_F(ServerTest, LimitsHeadAndBody) {
  Server server(quick(), routes(), telemetry);
  EXPECT_THAT(ask(server, "GET /hello HTTP/1.1\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n"), StartsWith("HTTP/1.1 431"));
  EXPECT_THAT(ask(server, "POST /echo HTTP/1.1\r\nContent-Length: 1001\r\n\r\n"), StartsWith("HTTP/1.1 413"));
  EXPECT_THAT(ask(server, "POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n" + std::string(2000, 'x') + "\r\n0\r\n\r\n"),
              StartsWith("HTTP/1.1 413"));
  EXPECT_THAT(ask(server, std::string(100'000, 'x')), StartsWith("HTTP/1.1 4"));
}

TEST_F(ServerTest, RefusesWhatIsNotHttp) {
  Server server(quick(), routes(), telemetry);
  EXPECT_THAT(ask(server, "\x16\x03\x01\x02garbage\r\n\r\n"), StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(ask(server, "GET /hello HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
              StartsWith("HTTP/1.1 400"));
}

TEST_F(ServerTest, AFailedHandlerTellsNothingOfItself) {
  ::testing::internal::CaptureStdout();
  Server server(quick(), routes(), telemetry);
  const auto answer = ask(server, "GET /bug HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(::testing::internal::GetCapturedStdout(), HasSubstr("http_handler_failed"));
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 500"));
  EXPECT_THAT(answer, Not(HasSubstr("1234")));
  EXPECT_THAT(ask(server, "GET /down HTTP/1.1\r\nHost: x\r\n\r\n"), HasSubstr("Retry-After: 1\r\n"));
}

TEST_F(ServerTest, AHandlerCannotForgeAHeaderLine) {
  Server server(quick(), routes(), telemetry);
  EXPECT_THAT(ask(server, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"), Not(HasSubstr("Forged")));
}

TEST_F(ServerTest, SlowHeadersDoNotKeepOthersWaitingAndEnd) {
  Server server(quick(), routes(), telemetry);
  std::vector<Wire> slow;
  for (int i = 0; i < 50; ++i) {
    slow.push_back(Wire::connect_to(server.port()));
    slow.back().say("GET /hello HTTP/1.1\r\nX-Slow: ");
  }
  EXPECT_THAT(ask(server, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n"), EndsWith("hello"));
  for (Wire& wire : slow) EXPECT_EQ(wire.hear(), "") << "closed without an answer";
}

TEST_F(ServerTest, ATrickledHeadEndsAtTheHeaderTimeout) {
  Server server(quick(), routes(), telemetry);
  Wire wire = Wire::connect_to(server.port());
  wire.say("GET /hello HTTP/1.1\r\nX: ");
  const auto begun = std::chrono::steady_clock::now();
  pollfd closed{wire.fd(), POLLIN | POLLRDHUP, 0};
  while (poll(&closed, 1, 20) == 0 && wire.say("x")) {
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 5s);
}

TEST_F(ServerTest, OneConnectionTooManyIsClosed) {
  ServerOptions options = quick();
  options.most_connections = 2;
  Server server(options, routes(), telemetry);
  Wire first = Wire::connect_to(server.port());
  Wire second = Wire::connect_to(server.port());
  second.say("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_THAT(second.hear_message(), EndsWith("hello"));
  Wire third = Wire::connect_to(server.port());
  EXPECT_EQ(third.hear(), "");
}

TEST_F(ServerTest, StopLetsABegunRequestEnd) {
  std::promise<void> begun;
  std::promise<void> go_on;
  Router router;
  router.on("GET", "/slow", [&](const Request&) {
    begun.set_value();
    go_on.get_future().wait();
    return Response{200, "text/plain", "finished", {}};
  });
  Server server(quick(), router, telemetry);
  Wire idle = Wire::connect_to(server.port());
  Wire wire = Wire::connect_to(server.port());
  wire.say("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
  begun.get_future().wait();
  std::jthread stopper([&] { server.stop(10s); });
  EXPECT_EQ(idle.hear(), "") << "an idle connection is closed at once";
  go_on.set_value();
  const auto answer = wire.hear_message();
  EXPECT_THAT(answer, EndsWith("finished"));
  EXPECT_THAT(answer, HasSubstr("Connection: close\r\n"));
  wire.close_now();
}

TEST_F(ServerTest, AnAddressInUseIsMisconfigured) {
  Server server(quick(), routes(), telemetry);
  ServerOptions options = quick();
  options.port = server.port();
  EXPECT_THROW(Server(options, routes(), telemetry), base::Misconfigured);
  options.address = "localhost";
  EXPECT_THROW(Server(options, routes(), telemetry), base::Misconfigured);
}

}  // namespace
}  // namespace countersign::http
