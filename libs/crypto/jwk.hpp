#pragma once

// SigningKey, KeySet: Ed25519 keys with names, and their form as JSON Web Keys (RFC 7517, RFC 8037).
//
//     {"kty":"OKP","crv":"Ed25519","kid":"approval-2024","x":"…"}             public
//     {"kty":"OKP","crv":"Ed25519","kid":"approval-2024","x":"…","d":"…"}     private
//     {"keys":[…]}                                                            a set of public keys
//
// A private key whose public part does not belong to it is refused, as is a set in which a private key has strayed, a name stands twice, or
// a key is of small order.
//
// Failure    Refusals: key_malformed, key_invalid, key_exposed (a private key file that others than its owner may use, or a private
//            key among public ones), key_file_unreadable, key_file_unwritable, key_file_exists, trust_file_writable.
//            The detail says what to do, never a private key.
// Threads    Immutable once made: any thread.

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "crypto/ed25519.hpp"

namespace countersign::crypto {

struct SigningKey {
  std::string kid;
  Ed25519KeyPair pair;
};

// ^[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}$
bool valid_kid(std::string_view kid) noexcept;

class KeySet {
 public:
  // `public_key` are 32 bytes. Refuses with key_invalid.
  base::Result<void> add(std::string_view kid, std::string_view public_key);
  // 32 bytes; nullptr when the set has no such key.
  const std::string* find(std::string_view kid) const;
  std::vector<std::string> kids() const;
  bool empty() const noexcept { return keys_.empty(); }

 private:
  std::map<std::string, std::string, std::less<>> keys_;
};

base::Result<SigningKey> parse_signing_key(std::string_view jwk);
base::Result<KeySet> parse_key_set(std::string_view jwks);  // at most 64 keys

// Private JWK in a file that only its owner may read.
base::Result<SigningKey> read_signing_key_file(const std::filesystem::path& path);
base::Result<KeySet> read_key_set_file(const std::filesystem::path& path);  // that only its owner may write
// A file that says whom to believe, key set or other: refuses with trust_file_writable unless only its owner may write it.
base::Result<void> check_trust_file(const std::filesystem::path& path);

std::string to_private_jwk(const SigningKey& key);
std::string to_public_jwk(std::string_view kid, std::string_view public_key);
// Creates the file with mode 0600; refuses with key_file_exists rather than overwrite one.
base::Result<void> write_signing_key_file(const SigningKey& key, const std::filesystem::path& path);

}  // namespace countersign::crypto
