#include "executor/settings.hpp"

#include <fstream>

#include "contracts/text_rules.hpp"
#include "domain/run.hpp"
#include "executor/approval_keys.hpp"

namespace countersign::executor {

namespace {

std::string readable_or_empty(const std::string& path) {
  if (path.empty() || std::ifstream(path).good()) return "";
  return "name a file that can be read";
}

std::string valid_environment(const std::string& name) {
  return contracts::valid_name(name) ? "" : "be lower-case letters, digits, '_', '.' or '-', beginning with a letter, at most 64";
}

// A check for a file that `read` has to make sense of.
template <typename Read>
runtime::Check readable(Read read, const std::string& what) {
  return [read, what](const std::string& path) -> std::string {
    if (path.empty()) return "name " + what;
    const auto result = read(path);
    return result ? "" : "name " + what + ": " + result.error().detail;
  };
}

}  // namespace

void Config::declare(runtime::Settings& settings) {
  using namespace std::chrono_literals;
  settings.integer(tool_calls, "tool-calls", "Tool calls under way at the same time.", 256, 1, 4096);
  settings.integer(calls_per_tool, "calls-per-tool", "Of these, calls of one tenant to one tool.", 128, 1, 4096);
  settings.flag(allow_loopback_tools, "allow-loopback-tools",
                "Lets manifests that allow it call tools on this machine over plain http. For development.");
  settings.text(tool_ca_file, "tool-ca-file", "Certificates that tools are trusted by; empty for the system's.", "", readable_or_empty);
  settings.text(environment, "environment", "The deployment's name; what was countersigned for another one does not count here.", "default",
                valid_environment);
  settings.text(signing_key_file, "signing-key-file", "The private key (JWK, mode 0600) that signs requests for approval.", "",
                readable(read_signer, "a file with an Ed25519 private JWK that only its owner may read"));
  settings.text(approval_anchors_file, "approval-anchors-file", "The public keys (JWKS) whose countersignatures count.", "",
                readable(read_anchors, "a file with a JWKS of Ed25519 public keys"));
  settings.duration(no_plan_after, "no-plan-after", "How long a run waits for a plan before it is handed to people.",
                    domain::longest_wait_for_plan, 1s, 24h);
  settings.duration(unknown_limit, "unknown-limit",
                    "How long an effect may stay unknown, where its tool cannot be asked, before people are told.", 15min, 1s, 24h);
  settings.relation(
      [this] { return calls_per_tool > tool_calls ? std::string("calls-per-tool must not exceed tool-calls") : std::string(); });
}

}  // namespace countersign::executor
