#include "runtime/host.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <list>
#include <mutex>
#include <thread>

#include "base/errors.hpp"
#include "http/server.hpp"
#include "runtime/supervisor.hpp"

namespace countersign::runtime {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

// The signals that ask a process to stop, as something that can be polled.
class StopSignals {
 public:
  StopSignals() {
    sigset_t wanted;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGTERM);
    sigaddset(&wanted, SIGINT);
    pthread_sigmask(SIG_BLOCK, &wanted, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    signals_ = signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
    asked_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  }
  ~StopSignals() {
    close(signals_);
    close(asked_);
  }
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  void ask() noexcept {
    const std::uint64_t one = 1;
    static_cast<void>(!write(asked_, &one, sizeof one));
  }

  // Returns what asked: the name of a signal, or "itself".
  std::string wait() {
    pollfd sources[] = {{signals_, POLLIN, 0}, {asked_, POLLIN, 0}};
    while (poll(sources, 2, -1) < 0 && errno == EINTR) {
    }
    signalfd_siginfo signal{};
    if (read(signals_, &signal, sizeof signal) != sizeof signal) return "itself";
    return signal.ssi_signo == SIGINT ? "SIGINT" : "SIGTERM";
  }

 private:
  int signals_;
  int asked_;
};

struct Running {
  std::string name;
  bool ended = false;
  std::jthread thread;
};

// A reader of the file sees nothing or the whole number.
void write_port_file(const std::string& path, std::uint16_t port) {
  const std::string half = path + ".part";
  std::ofstream file(half, std::ios::trunc);
  file << port << "\n";
  file.close();
  if (!file || std::rename(half.c_str(), path.c_str()) != 0) {
    throw base::Misconfigured("cannot write the admin port to " + path + ": " + std::strerror(errno));
  }
}

http::Response plain(bool good, const std::string& text) { return {good ? 200 : 503, "text/plain; charset=utf-8", text + "\n", {}}; }

}  // namespace

struct Host::State {
  ServiceSettings settings;
  StopSignals signals;
  telemetry::Log log;
  telemetry::Metrics metrics;
  Readiness readiness;
  base::SystemClock clock;
  std::atomic<bool> started{false};
  std::mutex mutex;
  std::condition_variable loop_ended;
  int exit_code = 0;
  http::Server admin;  // last: its handlers look at the rest

  explicit State(const ServiceSettings& given)
      : settings(given), log(given.service, given.instance, given.log_level), admin(options(), routes(), {log, metrics}) {
    if (!settings.admin_port_file.empty()) write_port_file(settings.admin_port_file, admin.port());
  }

  http::ServerOptions options() const {
    http::ServerOptions chosen;
    chosen.address = settings.admin_address;
    chosen.port = settings.admin_port;
    chosen.most_connections = 256;
    return chosen;
  }

  http::Router routes() {
    http::Router router;
    router.on("GET", "/livez", [](const http::Request&) { return plain(true, "alive"); });
    router.on("GET", "/startupz", [this](const http::Request&) { return plain(started, started ? "started" : "starting"); });
    router.on("GET", "/readyz", [this](const http::Request&) {
      const bool ready = started && readiness.ready();
      return http::Response{ready ? 200 : 503, "application/json", readiness.json() + "\n", {}};
    });
    router.on("GET", "/metrics", [this](const http::Request&) {
      return http::Response{200, "text/plain; version=0.0.4; charset=utf-8", metrics.expose(), {}};
    });
    return router;
  }

  void fail(const std::string& loop, int code, const std::string& why) {
    log.error("loop_failed", {{"loop", loop}, {"exit_code", code}, {"error", why}});
    std::lock_guard lock(mutex);
    if (exit_code == 0) exit_code = code;
    signals.ask();
  }

  void run_loop(const Loop& loop, std::stop_token stop) {
    try {
      loop.run(stop);
      if (!stop.stop_requested()) fail(loop.name, exit_failed, "it returned without being asked to stop");
    } catch (const base::Misconfigured& error) {
      fail(loop.name, exit_misconfigured, error.what());
    } catch (const std::exception& error) {
      fail(loop.name, exit_failed, error.what());
    } catch (...) {
      fail(loop.name, exit_failed, "something that is not an exception was thrown");
    }
  }

  void start(Running& running, Loop loop) {
    running.name = loop.name;
    running.thread = std::jthread([this, &running, loop = std::move(loop)](std::stop_token stop) {
      run_loop(loop, std::move(stop));
      std::lock_guard lock(mutex);
      running.ended = true;
      loop_ended.notify_all();
    });
  }

  void stop(Running& running, SteadyTime deadline) {
    running.thread.request_stop();
    std::unique_lock lock(mutex);
    if (loop_ended.wait_until(lock, deadline, [&] { return running.ended; })) return;
    log.error("stop_deadline_missed", {{"loop", running.name}, {"deadline_ms", settings.stop_deadline.count()}});
    // A thread cannot be ended from outside; what it holds is given back by its connections' end.
    _exit(exit_failed);
  }
};

Host::Host(const ServiceSettings& settings) : state_(std::make_unique<State>(settings)) {}
Host::~Host() = default;

telemetry::Telemetry Host::telemetry() noexcept { return {state_->log, state_->metrics}; }
Readiness& Host::readiness() noexcept { return state_->readiness; }
base::Clock& Host::clock() noexcept { return state_->clock; }
std::uint16_t Host::admin_port() const noexcept { return state_->admin.port(); }
void Host::stop() noexcept { state_->signals.ask(); }

int Host::run(std::vector<Loop> loops) {
  State& state = *state_;
  std::list<Running> running;
  for (Loop& loop : loops) state.start(running.emplace_back(), std::move(loop));
  state.started = true;
  state.log.info("service_started", {{"loops", running.size()}, {"admin_port", state.admin.port()}});
  tell_supervisor("READY=1");

  const std::string asked_by = state.signals.wait();
  tell_supervisor("STOPPING=1");
  state.readiness.drain();
  state.log.info("service_stopping", {{"asked_by", asked_by}});
  const auto deadline = std::chrono::steady_clock::now() + state.settings.stop_deadline;
  for (auto last = running.rbegin(); last != running.rend(); ++last) state.stop(*last, deadline);
  std::lock_guard lock(state.mutex);
  state.log.info("service_stopped", {{"exit_code", state.exit_code}});
  return state.exit_code;
}

}  // namespace countersign::runtime
