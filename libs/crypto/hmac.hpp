#pragma once

// HMAC-SHA256 (RFC 2104), and the comparison that does not tell an attacker how far it got.

#include <string_view>

#include "crypto/digest.hpp"

namespace countersign::crypto {

Digest hmac_sha256(std::string_view key, std::string_view message);

// Takes as long for a wrong first byte as for a wrong last one. The lengths are not secret.
bool constant_time_equal(std::string_view a, std::string_view b) noexcept;

}  // namespace countersign::crypto
