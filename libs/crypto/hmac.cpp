#include "crypto/hmac.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/invariant.hpp"

namespace countersign::crypto {

Digest hmac_sha256(std::string_view key, std::string_view message) {
  Digest digest;
  unsigned length = 0;
  const char* key_bytes = key.empty() ? "" : key.data();  // OpenSSL takes a null key for "as last time"
  const auto* done = HMAC(EVP_sha256(), key_bytes, static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(message.data()),
                          message.size(), digest.bytes.data(), &length);
  COUNTERSIGN_INVARIANT(done != nullptr && length == digest.bytes.size(), "OpenSSL offers HMAC-SHA256");
  return digest;
}

bool constant_time_equal(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && (a.empty() || CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0);
}

}  // namespace countersign::crypto
