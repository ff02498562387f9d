#include "runtime/host.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>

#include "base/bell.hpp"
#include "base/errors.hpp"
#include "http/client.hpp"
#include "runtime/command.hpp"

namespace countersign::runtime {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

// A child process that the test talks to through a pipe: it says lines, and dies by itself after 20 seconds.
class Child {
 public:
  explicit Child(const std::function<int(int say)>& live) {
    int ends[2];
    if (pipe(ends) != 0) std::abort();
    std::fflush(nullptr);  // or the child would print what the parent has not yet
    pid_ = fork();
    if (pid_ == 0) {
      close(ends[0]);
      alarm(20);
      if (std::freopen("/dev/null", "w", stdout) == nullptr) _exit(99);
      _exit(live(ends[1]));
    }
    close(ends[1]);
    hear_ = ends[0];
  }
  ~Child() {
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
    close(hear_);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  std::string line() {
    std::string text;
    for (char c = 0; read(hear_, &c, 1) == 1 && c != '\n';) text += c;
    return text;
  }
  void signal(int number) const { kill(pid_, number); }
  // The exit code, or the negated signal.
  int end() {
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

 private:
  pid_t pid_ = -1;
  int hear_ = -1;
};

void say(int pipe_end, const std::string& text) { static_cast<void>(!write(pipe_end, (text + "\n").c_str(), text.size() + 1)); }

ServiceSettings settings() {
  ServiceSettings chosen;
  chosen.service = "test";
  chosen.instance = "test-0";
  chosen.admin_address = "127.0.0.1";
  chosen.stop_deadline = 5s;
  return chosen;
}

Loop waiting(const std::string& name, int pipe_end) {
  return {name, [name, pipe_end](std::stop_token stop) {
            base::Bell never;
            say(pipe_end, name + " runs");
            never.wait(stop, 1h);
            say(pipe_end, name + " ends");
          }};
}

http::Outcome ask(const std::string& port, const std::string& path) {
  http::ClientOptions options;
  options.address_policy = {http::AddressScope::public_and_loopback, {{1, 65535}}};
  http::Call call;
  call.url = "http://127.0.0.1:" + port + path;
  return http::Client(options).call(call);
}

TEST(HostTest, ASignalStopsTheLoopsInReverseOrder) {
  for (const int number : {SIGTERM, SIGINT}) {
    Child child([](int pipe_end) {
      Host host(settings());
      return host.run({waiting("first", pipe_end)});
    });
    EXPECT_EQ(child.line(), "first runs");
    child.signal(number);
    EXPECT_EQ(child.line(), "first ends");
    EXPECT_EQ(child.end(), 0);
  }
  Child child([](int pipe_end) {
    Host host(settings());
    return host.run({waiting("first", pipe_end), waiting("second", pipe_end)});
  });
  child.line();
  child.line();
  child.signal(SIGTERM);
  EXPECT_EQ(child.line(), "second ends");
  EXPECT_EQ(child.line(), "first ends");
  EXPECT_EQ(child.end(), 0);
}

TEST(HostTest, ALoopThatDoesNotStopIsLeftBehindAtTheDeadline) {
  Child child([](int pipe_end) {
    ServiceSettings impatient = settings();
    impatient.stop_deadline = 100ms;
    Host host(impatient);
    return host.run({{"stuck", [&](const std::stop_token&) {
                        say(pipe_end, "stuck runs");
                        while (true) pause();
                      }}});
  });
  EXPECT_EQ(child.line(), "stuck runs");
  child.signal(SIGTERM);
  EXPECT_EQ(child.end(), 1);
}

int exit_code_of(std::function<void(std::stop_token)> loop) {
  Child child([&](int pipe_end) {
    Host host(settings());
    return host.run({waiting("other", pipe_end), {"failing", loop}});
  });
  return child.end();
}

TEST(HostTest, AFailedLoopEndsTheProcess) {
  EXPECT_EQ(exit_code_of([](const std::stop_token&) { throw base::Misconfigured("no such topic"); }), 78);
  EXPECT_EQ(exit_code_of([](const std::stop_token&) { throw std::runtime_error("a bug"); }), 1);
  EXPECT_EQ(exit_code_of([](const std::stop_token&) { throw 7; }), 1);
  EXPECT_EQ(exit_code_of([](const std::stop_token&) {}), 1);
}

TEST(HostTest, AnswersForItsLoopsOnTheAdminPort) {
  Child child([](int pipe_end) {
    Host host(settings());
    host.readiness().expect("tickets", "no partition \"yet\"");
    host.readiness().set("database", true);
    say(pipe_end, std::to_string(host.admin_port()));
    say(pipe_end, ask(std::to_string(host.admin_port()), "/startupz").status == 503 ? "starting" : "wrong");
    return host.run({{"tickets", [&](const std::stop_token& stop) {
                        base::Bell never;
                        host.telemetry().metrics.counter("rounds_total", "Rounds.").add();
                        say(pipe_end, ask(std::to_string(host.admin_port()), "/readyz").body);
                        host.readiness().set("tickets", true);
                        say(pipe_end, "ready");
                        never.wait(stop, 1h);
                        say(pipe_end, ask(std::to_string(host.admin_port()), "/readyz").body);
                      }}});
  });
  const std::string port = child.line();
  EXPECT_EQ(child.line(), "starting");
  EXPECT_THAT(child.line(), HasSubstr(R"("conditions":[{"name":"database","holds":true},)"
                                      R"({"name":"tickets","holds":false,"why_not":"no partition \"yet\""}])"));
  child.line();  // the rest of the body's line
  EXPECT_EQ(child.line(), "ready");
  EXPECT_EQ(ask(port, "/livez").status, 200);
  EXPECT_EQ(ask(port, "/readyz").status, 200);
  EXPECT_THAT(ask(port, "/metrics").body, HasSubstr("countersign_rounds_total 1"));
  EXPECT_EQ(ask(port, "/other").status, 404);
  child.signal(SIGTERM);
  EXPECT_THAT(child.line(), HasSubstr(R"("ready":false,"draining":true)"));
  EXPECT_EQ(child.end(), 0);
}

struct Config {
  ServiceSettings service;
  int lanes = 0;
  void declare(Settings& of) { of.integer(lanes, "lanes", "Lanes.", 4, 1, 8); }
};

int serve(const Config& config, Host& host) {
  if (config.lanes == 8) throw base::Misconfigured("eight is too many");
  return host.run({{"loop", [&](const std::stop_token& stop) {
                      base::Bell never;
                      host.readiness().set("lanes", config.lanes != 7, "seven is odd");
                      never.wait(stop, 1h);
                    }}});
}

int command(std::vector<std::string> words) {
  words.insert(words.begin(), "test");
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  return service_main<Config>(static_cast<int>(words.size()), arguments.data(), {"test", "A test."}, serve);
}

TEST(CommandTest, ChecksItsSettings) {
  EXPECT_EQ(command({"check-config"}), 0);
  EXPECT_EQ(command({"check-config", "--lanes=9"}), 78);
  EXPECT_EQ(command({"serve", "--lanes=9"}), 78);
  EXPECT_EQ(command({"print-config", "--lanes=5"}), 0);
  EXPECT_EQ(command({}), 64);
  EXPECT_EQ(command({"dance"}), 64);
  EXPECT_EQ(command({"--help"}), 0);
}

TEST(CommandTest, WhatTheServiceFindsMisconfiguredIsExit78) {
  Child child([](int) { return command({"serve", "--lanes=8"}); });
  EXPECT_EQ(child.end(), 78);
}

TEST(CommandTest, HealthcheckFindsThePortAndAsks) {
  const auto file = std::filesystem::temp_directory_path() / ("countersign-port-" + std::to_string(getpid()));
  for (const auto& [lanes, healthy] : std::map<std::string, int>{{"--lanes=6", 0}, {"--lanes=7", 1}}) {
    std::filesystem::remove(file);
    EXPECT_EQ(command({"healthcheck", "--admin-port-file=" + file.string()}), 1) << "nobody runs";
    Child child([&, flag = lanes](int) { return command({"serve", "--admin-port-file=" + file.string(), flag}); });
    const auto limit = std::chrono::steady_clock::now() + 10s;
    const auto reached = [&] {
      int port = 0;
      std::ifstream(file) >> port;
      return port != 0 && ask(std::to_string(port), "/readyz").body.find("lanes") != std::string::npos &&
             ask(std::to_string(port), "/startupz").status == 200;
    };
    while (!reached() && std::chrono::steady_clock::now() < limit) sched_yield();
    EXPECT_EQ(command({"healthcheck", "--admin-port-file=" + file.string()}), healthy);
    child.signal(SIGTERM);
    EXPECT_EQ(child.end(), 0);
  }
  std::filesystem::remove(file);
}

TEST(CommandTest, AnAdminPortInUseIsMisconfigured) {
  Child child([](int) {
    Host host(settings());
    return command({"serve", "--admin-port=" + std::to_string(host.admin_port())});
  });
  EXPECT_EQ(child.end(), 78);
}

}  // namespace
}  // namespace countersign::runtime
