#pragma once

// Host: the process around a service's loops. It starts them, answers for them on the admin port, and stops them.
//
//     Host host{settings};
//     …build the parts, which may use host.telemetry(), host.readiness() and host.clock()…
//     return host.run({{"tickets", [&](std::stop_token stop) { tickets.run(stop); }}, …});
//
// Promise    After SIGTERM or SIGINT /readyz says no, the loops are stopped one by one in reverse order, and the process is gone within
//            the stop deadline, if need be with _exit(1). A loop that fails takes the process with it: a restart is cheap, a process
//            that lacks a loop is a riddle.
// Threads    Make it first, on the main thread and before any other thread, so that all threads inherit the blocked signals.
//            stop() may be called from any thread.
// Failure    run() returns the exit code: 0 after a stop, 78 when a loop threw base::Misconfigured, 1 when it threw anything else or
//            returned without being asked to. The constructor throws base::Misconfigured when the admin port cannot be had.

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/exit_codes.hpp"
#include "runtime/readiness.hpp"
#include "runtime/service_settings.hpp"
#include "telemetry/metrics.hpp"

namespace countersign::runtime {

struct Loop {
  std::string name;
  std::function<void(std::stop_token)> run;
};

using base::exit_failed;
using base::exit_misconfigured;
using base::exit_misused;

class Host {
 public:
  explicit Host(const ServiceSettings& settings);
  ~Host();
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  telemetry::Telemetry telemetry() noexcept;
  Readiness& readiness() noexcept;
  base::Clock& clock() noexcept;
  std::uint16_t admin_port() const noexcept;

  int run(std::vector<Loop> loops);
  // As SIGTERM does.
  void stop() noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace countersign::runtime
