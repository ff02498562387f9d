#pragma once

// Jws: a JSON Web Signature in compact form (RFC 7515) with Ed25519 (RFC 8037), and nothing else that those RFCs offer.
//
//     BASE64URL({"alg":"EdDSA","kid":"k1","typ":"decision+jwt"}) . BASE64URL(payload) . BASE64URL(signature)
//
// The header has exactly the members alg, kid and typ, so that nothing in a token can name another algorithm, bring its own key or point at
// one. One token has one spelling: unpadded base64url without stray bits, no white space, and the canonical signature of RFC 8032.
//
// Promise    payload() of a verified token was signed by the key that was given. Before verification the payload is a claim: it may choose
//            which keys to ask, and no more.
// Not ours   What the payload means, and its times: contracts/token_claims.hpp.
// Failure    Refusals: jws_too_large, jws_malformed, jws_header_invalid, jws_algorithm_refused, jws_type_wrong, jws_key_unknown,
//            jws_signature_invalid.
// Threads    Immutable once made: any thread.

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "crypto/jwk.hpp"

namespace countersign::crypto {

inline constexpr std::size_t most_jws_bytes = 16 * 1024;

// Invariant: `payload` is small enough for the token to be read back.
std::string sign_jws(const SigningKey& key, std::string_view typ, std::string_view payload);

class VerifiedJws {
 public:
  const std::string& kid() const noexcept { return kid_; }
  const std::string& header() const noexcept { return header_; }
  const std::string& payload() const noexcept { return payload_; }

 private:
  friend class UnverifiedJws;
  VerifiedJws(std::string kid, std::string header, std::string payload)
      : kid_(std::move(kid)), header_(std::move(header)), payload_(std::move(payload)) {}
  std::string kid_, header_, payload_;
};

// A token that is well-formed and of the expected type. Nobody vouches for it yet.
class UnverifiedJws {
 public:
  static base::Result<UnverifiedJws> read(std::string_view compact, std::string_view typ);

  const std::string& kid() const noexcept { return kid_; }
  const std::string& claimed_payload() const noexcept { return payload_; }

  base::Result<VerifiedJws> verify(const KeySet& keys) const;

 private:
  UnverifiedJws() = default;
  std::string signed_part_, kid_, header_, payload_, signature_;
};

// read() and verify() in one, for where the keys are known beforehand.
base::Result<VerifiedJws> verify_jws(std::string_view compact, std::string_view typ, const KeySet& keys);

}  // namespace countersign::crypto
