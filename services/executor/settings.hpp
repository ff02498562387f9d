#pragma once

// Config: the settings of the executor beside those that every service has.

#include <chrono>
#include <cstddef>
#include <string>

#include "runtime/service_settings.hpp"

namespace countersign::executor {

struct Config {
  runtime::ServiceSettings service;
  std::size_t tool_calls = 0;         // under way at the same time
  std::size_t calls_per_tool = 0;     // of these, of one tenant to one tool
  bool allow_loopback_tools = false;  // manifests may allow tools on this machine
  std::string tool_ca_file;           // empty: the system's
  std::string environment;            // the deployment's name
  std::string signing_key_file;       // what requests for approval are signed with
  std::string approval_anchors_file;  // whose countersignatures are believed
  std::chrono::milliseconds no_plan_after{};
  std::chrono::milliseconds unknown_limit{};  // for effects whose manifest names no way to look

  void declare(runtime::Settings& settings);
};

}  // namespace countersign::executor
