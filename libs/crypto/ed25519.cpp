#include "crypto/ed25519.hpp"

#include <sodium.h>

#include "base/invariant.hpp"
#include "crypto/sodium.hpp"

namespace countersign::crypto {

namespace {

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

Ed25519KeyPair expand(std::string_view seed) {
  std::string private_key(crypto_sign_SECRETKEYBYTES, '\0'), public_key(crypto_sign_PUBLICKEYBYTES, '\0');
  crypto_sign_seed_keypair(bytes_of(public_key), bytes_of(private_key), bytes_of(seed));
  return {base::Secret(std::move(private_key)), std::move(public_key)};
}

}  // namespace

Ed25519KeyPair make_ed25519_key_pair() {
  ensure_sodium();
  std::string private_key(crypto_sign_SECRETKEYBYTES, '\0'), public_key(crypto_sign_PUBLICKEYBYTES, '\0');
  crypto_sign_keypair(bytes_of(public_key), bytes_of(private_key));
  return {base::Secret(std::move(private_key)), std::move(public_key)};
}

base::Result<Ed25519KeyPair> load_ed25519_key_pair(const base::Secret& seed_or_private_key) {
  ensure_sodium();
  const std::string& given = seed_or_private_key.reveal();
  if (given.size() != crypto_sign_SEEDBYTES && given.size() != crypto_sign_SECRETKEYBYTES)
    return base::refuse("key_invalid", "an Ed25519 private key has 32 or 64 bytes");
  Ed25519KeyPair pair = expand(std::string_view(given).substr(0, crypto_sign_SEEDBYTES));
  if (given.size() == crypto_sign_SECRETKEYBYTES && given != pair.private_key.reveal())
    return base::refuse("key_invalid", "the public half of the Ed25519 key does not belong to its seed");
  return pair;
}

std::string sign_ed25519(const Ed25519KeyPair& key, std::string_view message) {
  ensure_sodium();
  COUNTERSIGN_INVARIANT(key.private_key.reveal().size() == crypto_sign_SECRETKEYBYTES, "key pairs are made or loaded, never assembled");
  std::string signature(crypto_sign_BYTES, '\0');
  crypto_sign_detached(bytes_of(signature), nullptr, bytes_of(message), message.size(), bytes_of(key.private_key.reveal()));
  return signature;
}

bool verify_ed25519(std::string_view public_key, std::string_view message, std::string_view signature) noexcept {
  if (public_key.size() != crypto_sign_PUBLICKEYBYTES || signature.size() != crypto_sign_BYTES) return false;
  ensure_sodium();
  return crypto_sign_verify_detached(bytes_of(signature), bytes_of(message), message.size(), bytes_of(public_key)) == 0;
}

}  // namespace countersign::crypto
