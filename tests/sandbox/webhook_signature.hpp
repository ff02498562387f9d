#pragma once

// Standard Webhooks signatures, version v1: HMAC-SHA256 over "id.timestamp.body", in base64.
//
// Written against OpenSSL and not with the product's own signer, so that a mistake there cannot hide behind itself here.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace countersign::sandbox {

inline constexpr std::chrono::seconds webhook_tolerance{300};

// The key behind "whsec_" and base64; the prefix may be missing. Refuses `bad_secret`, an empty key included.
base::Result<std::string> read_webhook_secret(std::string_view text);

struct SignedWebhook {
  std::optional<std::string_view> id;
  std::optional<std::string_view> timestamp;
  std::optional<std::string_view> signatures;  // space-separated "version,signature"
  std::string_view body;
};

// Accepts a signature by any of the keys. Refuses `missing_header`, `bad_timestamp`, `timestamp_out_of_tolerance`, `no_secret`,
// `bad_signature`.
base::Result<void> verify_webhook(const SignedWebhook& webhook, const std::vector<std::string>& keys, std::chrono::seconds unix_now);

std::string sha256_hex(std::string_view bytes);

}  // namespace countersign::sandbox
