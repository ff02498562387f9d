#pragma once

// SigningKeys: the signer of each endpoint, made of all the secret files that its document names.
//
// Promise    All or nothing: with one file missing or unreadable there is no signer, because a receiver in the middle of a rotation may
//            know only the secret that is missing.
// Threads    Any, one at a time: others wait.
// Failure    Refusals: secret_missing, secret_invalid; the detail names the files, never their content.
// Time       Files are read again after two seconds, so that a rotation needs no restart.

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "catalog/endpoint.hpp"
#include "crypto/webhook_signature.hpp"

namespace countersign::outbox {

class SigningKeys {
 public:
  using Signer = std::shared_ptr<const crypto::WebhookSigner>;

  SigningKeys(std::filesystem::path directory, const base::Clock& clock) : directory_(std::move(directory)), clock_(clock) {}

  base::Result<Signer> find_signer(const catalog::Endpoint& endpoint);

 private:
  struct Entry {
    std::int64_t version = 0;
    base::SteadyTime read_at{};
    base::Result<Signer> signer;
  };
  base::Result<Signer> read_signer(const catalog::Endpoint& endpoint) const;

  std::filesystem::path directory_;
  const base::Clock& clock_;
  std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, Entry> entries_;  // by tenant and endpoint
};

}  // namespace countersign::outbox
