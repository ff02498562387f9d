#include "outbox/signing_keys.hpp"

#include <vector>

#include "outbox/secret_file.hpp"

namespace countersign::outbox {

base::Result<SigningKeys::Signer> SigningKeys::find_signer(const catalog::Endpoint& endpoint) {
  std::lock_guard lock(mutex_);
  const auto now = clock_.steady();
  const auto name = std::pair(endpoint.tenant, endpoint.name);
  const auto known = entries_.find(name);
  if (known != entries_.end() && known->second.version == endpoint.version && now - known->second.read_at < read_again_after)
    return known->second.signer;
  auto signer = read_signer(endpoint);
  entries_.insert_or_assign(name, Entry{endpoint.version, now, signer});
  return signer;
}

base::Result<SigningKeys::Signer> SigningKeys::read_signer(const catalog::Endpoint& endpoint) const {
  if (directory_.empty()) return base::refuse("secret_missing", "no secrets directory is set");
  std::vector<base::Secret> secrets;
  std::string missing;
  for (const auto& name : endpoint.secrets) {
    auto secret = read_secret_file(directory_, name);
    if (secret.empty()) missing += (missing.empty() ? "" : ", ") + name;
    secrets.push_back(std::move(secret));
  }
  if (!missing.empty()) return base::refuse("secret_missing", "missing, empty or too long in the secrets directory: " + missing);
  auto keys = crypto::WebhookKeys::parse(secrets);
  if (!keys) return tl::unexpected(keys.error());
  if (keys->symmetric().empty() && keys->signing().empty())
    return base::refuse("secret_invalid", "none of the endpoint's secrets can sign; a whpk_ key only verifies");
  return std::make_shared<const crypto::WebhookSigner>(std::move(*keys));
}

}  // namespace countersign::outbox
