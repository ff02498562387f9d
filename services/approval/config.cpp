#include "approval/config.hpp"

#include "base/errors.hpp"
#include "contracts/text_rules.hpp"

namespace countersign::approval {

namespace {

// A check of a setting: what the value must do, with the reader's own words about what is wrong.
template <typename Reader>
runtime::Check readable(Reader reader, std::string what) {
  return [reader, what = std::move(what)](const std::string& path) -> std::string {
    if (path.empty()) return "name " + what;
    const auto read = reader(path);
    return read ? std::string() : "name " + what + "; " + read.error().detail;
  };
}

std::string valid_environment(const std::string& name) {
  return contracts::valid_name(name) ? "" : "be a small letter and then up to 63 of a-z 0-9 _ . -";
}

base::Result<crypto::SigningKey> read_key(const std::string& path) { return crypto::read_signing_key_file(path); }

base::Result<crypto::KeySet> read_anchors(const std::string& path) {
  return crypto::read_key_set_file(path).and_then([](crypto::KeySet&& keys) -> base::Result<crypto::KeySet> {
    if (keys.empty()) return base::refuse("key_malformed", "it has no key, so that no executor would be believed");
    return std::move(keys);
  });
}

template <typename T>
T get(base::Result<T> read, const std::string& path) {
  if (!read) throw base::Misconfigured(path + ": " + read.error().detail);
  return *std::move(read);
}

}  // namespace

void Config::declare(runtime::Settings& settings) {
  using namespace std::chrono_literals;
  settings.duration(catalog_refresh, "catalog-refresh", "How often to look for new tenants, realms, tools and people.", 1s, 50ms, 1min);
  settings.text(environment, "environment", "The deployment's name; what was signed for another one does not count here.", "default",
                valid_environment);
  settings.text(signing_key_file, "signing-key-file", "The private key (JWK, mode 0600) that countersigns.", "",
                readable(read_key, "a file with an Ed25519 private JWK that only its owner may read"));
  settings.text(executor_anchors_file, "executor-anchors-file", "The public keys (JWKS) of the executors whose requests count.", "",
                readable(read_anchors, "a file with a JWKS of Ed25519 public keys"));
  settings.text(founders_file, "founders-file", "The digests of the documents about people and issuers that are believed to begin with.",
                "", readable(catalog::read_founders_file, "a file {\"documents\":[…]} as `countersign people founders` prints it"));
  settings.duration(countersignature_validity, "countersignature-validity",
                    "How long a countersignature is good for; after that the executor asks for another one.", 120s, 5s, 1h);
}

Trust read_trust(const Config& config) {
  return {get(read_key(config.signing_key_file), config.signing_key_file),
          {get(read_anchors(config.executor_anchors_file), config.executor_anchors_file), config.environment},
          get(catalog::read_founders_file(config.founders_file), config.founders_file)};
}

}  // namespace countersign::approval
