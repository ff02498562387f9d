#include "runtime/command.hpp"

#include <cstdio>
#include <fstream>

#include "base/errors.hpp"
#include "http/client.hpp"

namespace countersign::runtime {
namespace {

void say(std::FILE* to, const std::string& text) { std::fputs((text + "\n").c_str(), to); }

int list(const std::vector<std::string>& mistakes, bool misused = false) {
  for (const auto& mistake : mistakes) say(stderr, "misconfigured: " + mistake);
  if (mistakes.empty()) return base::exit_well;
  return misused ? exit_misused : exit_misconfigured;
}

std::string usage(const About& about, const Settings& settings) {
  return about.service + ": " + about.sentence + "\n\nusage: " + about.service +
         " COMMAND [--setting value …]\n\n"
         "  serve          run until SIGTERM\n"
         "  check-config   say what is wrong with the settings; exit 0, 64 or 78\n"
         "  print-config   the effective settings and where each comes from\n"
         "  healthcheck    ask a running one whether it is ready; exit 0 or 1\n\nsettings:\n" +
         settings.help();
}

// The port that a running process took, where it was left to choose.
int port_of(const ServiceSettings& settings) {
  int port = settings.admin_port;
  if (port == 0 && !settings.admin_port_file.empty()) std::ifstream(settings.admin_port_file) >> port;
  return port;
}

int ask_health(const ServiceSettings& settings) {
  const int port = port_of(settings);
  if (port <= 0) {
    say(stderr, "the admin port is not known; set --admin-port, or --admin-port-file as the running process has it");
    return exit_failed;
  }
  const bool everywhere = settings.admin_address == "0.0.0.0" || settings.admin_address == "::";
  std::string host = everywhere ? "127.0.0.1" : settings.admin_address;
  if (host.find(':') != std::string::npos) host = "[" + host + "]";
  http::ClientOptions options;
  options.address_policy = {http::AddressScope::any, {{1, 65535}}};  // the operator named the address
  http::Call call;
  call.url = "http://" + host + ":" + std::to_string(port) + "/readyz";
  call.connect_timeout = std::chrono::seconds{1};
  call.total_timeout = std::chrono::seconds{3};
  const http::Outcome outcome = http::Client(options).call(call);
  say(stdout, outcome.status == 0 ? outcome.error : outcome.body);
  return outcome.kind == http::Outcome::Kind::answered && outcome.status == 200 ? 0 : exit_failed;
}

int serve_guarded(const ServiceSettings& common, const Settings& settings, const std::function<int(Host&)>& serve) {
  try {
    Host host(common);
    for (const auto& warning : settings.warnings()) host.telemetry().log.warning("setting_unknown", {{"detail", warning}});
    try {
      return serve(host);
    } catch (const base::Misconfigured&) {
      throw;
    } catch (const std::exception& error) {
      host.telemetry().log.error("service_failed", {{"error", error.what()}});
      return exit_failed;
    }
  } catch (const base::Misconfigured& error) {
    return list({error.what()});
  }
}

}  // namespace

int service_main(int argc, char** argv, const About& about, ServiceSettings& common, const std::function<void(Settings&)>& declare,
                 const std::function<int(Host&)>& serve) {
  Settings settings;
  declare_service_settings(settings, common, about.service);
  declare(settings);

  const std::string command = argc > 1 ? argv[1] : "";
  if (command == "--help" || command == "-h" || command == "help") {
    say(stdout, usage(about, settings));
    return 0;
  }
  if (command != "serve" && command != "check-config" && command != "print-config" && command != "healthcheck") {
    if (!command.empty()) say(stderr, "unknown command " + command + "\n");
    say(stderr, usage(about, settings));
    return exit_misused;
  }
  const auto mistakes = settings.load({argv + 2, argv + argc}, process_environment());
  if (command == "print-config") {
    std::fputs(settings.print().c_str(), stdout);
    return list(mistakes, settings.misused());
  }
  if (command == "check-config") {
    for (const auto& warning : settings.warnings()) say(stderr, "warning: " + warning);
    return list(mistakes, settings.misused());
  }
  if (!mistakes.empty()) return list(mistakes, settings.misused());
  return command == "healthcheck" ? ask_health(common) : serve_guarded(common, settings, serve);
}

}  // namespace countersign::runtime
