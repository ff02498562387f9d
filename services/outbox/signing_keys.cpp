#include "outbox/signing_keys.hpp"

#include <fstream>
#include <vector>

namespace countersign::outbox {

namespace {

constexpr std::chrono::seconds read_again_after{2};
constexpr std::size_t longest_secret = 8192;

// A name that could lead out of the directory is no name.
bool plain_name(const std::string& name) { return !name.empty() && name.front() != '.' && name.find('/') == std::string::npos; }

base::Secret read_first_line(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string line;
  if (!in || !std::getline(in, line) || line.size() > longest_secret) return {};
  while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
  return base::Secret(std::move(line));
}

}  // namespace

base::Result<SigningKeys::Signer> SigningKeys::find_signer(const catalog::Endpoint& endpoint) {
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
    auto secret = plain_name(name) ? read_first_line(directory_ / name) : base::Secret{};
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
