#pragma once

// Ed25519 (RFC 8032) key pairs and detached signatures.
//
// Failure    Verification refuses non-canonical signatures and keys of small order, as libsodium does.

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/secret.hpp"

namespace countersign::crypto {

struct Ed25519KeyPair {
  base::Secret private_key;  // 64 bytes: seed and public key, as libsodium keeps it
  std::string public_key;    // 32 bytes
};

Ed25519KeyPair make_ed25519_key_pair();
// From a seed of 32 bytes or a private key of 64; refuses with `key_invalid`.
base::Result<Ed25519KeyPair> load_ed25519_key_pair(const base::Secret& seed_or_private_key);

std::string sign_ed25519(const Ed25519KeyPair& key, std::string_view message);  // 64 bytes
bool verify_ed25519(std::string_view public_key, std::string_view message, std::string_view signature) noexcept;

}  // namespace countersign::crypto
