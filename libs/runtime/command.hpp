#pragma once

// The command line that every service has: serve, check-config, print-config, healthcheck.
//
//     struct Config {
//       runtime::ServiceSettings service;
//       std::size_t lanes = 0;
//       void declare(runtime::Settings& settings) { settings.integer(lanes, "lanes", "Calls at the same time.", 32, 1, 512); }
//     };
//     int serve(const Config& config, runtime::Host& host);
//     int main(int argc, char** argv) { return runtime::service_main<Config>(argc, argv, {"executor", "Acts, once."}, serve); }
//
// Exit codes (base/exit_codes.hpp): 0 well, 1 failed or not healthy, 64 an unknown command, flag or argument, 78 a setting is wrong; all
// mistakes are listed on standard error.

#include <functional>
#include <string>

#include "runtime/host.hpp"
#include "runtime/settings.hpp"

namespace countersign::runtime {

struct About {
  std::string service;
  std::string sentence;
};

int service_main(int argc, char** argv, const About& about, ServiceSettings& common, const std::function<void(Settings&)>& declare,
                 const std::function<int(Host&)>& serve);

template <typename Config>
int service_main(int argc, char** argv, const About& about, int (*serve)(const Config&, Host&)) {
  Config config;
  return service_main(
      argc, argv, about, config.service, [&](Settings& settings) { config.declare(settings); },
      [&](Host& host) { return serve(config, host); });
}

}  // namespace countersign::runtime
