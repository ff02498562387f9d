#pragma once

// WebhookSigner, WebhookVerifier: the signature headers of Standard Webhooks 1.0.
//
// What is signed is `id.timestamp.body`. The header lists one `version,signature` per secret, parted by spaces, so that secrets can be
// rotated while both are valid. Secrets are written as
//     whsec_BASE64   v1: HMAC-SHA256 key, 24 to 64 bytes; the prefix may be missing
//     whsk_BASE64    v1a: Ed25519 private key (a seed of 32 bytes, or 64 bytes); signs and verifies
//     whpk_BASE64    v1a: Ed25519 public key, 32 bytes; verifies only
//
// Promise    Verification compares in constant time and looks at the clock only after a signature fitted.
// Threads    Immutable once made: any thread.
// Failure    Refusals: secret_invalid, header_missing, timestamp_invalid, timestamp_out_of_tolerance, signature_invalid.

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/headers.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "crypto/ed25519.hpp"

namespace countersign::crypto {

inline constexpr std::string_view webhook_id_header = "webhook-id";
inline constexpr std::string_view webhook_timestamp_header = "webhook-timestamp";
inline constexpr std::string_view webhook_signature_header = "webhook-signature";

class WebhookKeys {
 public:
  // At least one; all mistakes are listed in the detail, without the secrets.
  static base::Result<WebhookKeys> parse(const std::vector<base::Secret>& secrets);

  const std::vector<base::Secret>& symmetric() const noexcept { return symmetric_; }
  const std::vector<Ed25519KeyPair>& signing() const noexcept { return signing_; }
  const std::vector<std::string>& verifying() const noexcept { return verifying_; }

 private:
  base::Result<void> add(const std::string& text);

  std::vector<base::Secret> symmetric_;
  std::vector<Ed25519KeyPair> signing_;
  std::vector<std::string> verifying_;
};

class WebhookSigner {
 public:
  explicit WebhookSigner(WebhookKeys keys) : keys_(std::move(keys)) {}

  // The value of webhook-signature. `id` must not contain a dot: it would blur where the id ends.
  std::string sign(std::string_view id, std::chrono::seconds unix_time, std::string_view body) const;
  // All three headers.
  base::Headers headers(std::string_view id, std::chrono::seconds unix_time, std::string_view body) const;

 private:
  WebhookKeys keys_;
};

class WebhookVerifier {
 public:
  explicit WebhookVerifier(WebhookKeys keys, std::chrono::seconds tolerance = std::chrono::minutes{5})
      : keys_(std::move(keys)), tolerance_(tolerance) {}

  // Header names in lower case.
  base::Result<void> verify(const base::Headers& headers, std::string_view body, base::WallTime now) const;

 private:
  WebhookKeys keys_;
  std::chrono::seconds tolerance_;
};

}  // namespace countersign::crypto
