#include "crypto/jws.hpp"

#include "base/invariant.hpp"
#include "crypto/base64.hpp"
#include "crypto/ed25519.hpp"
#include "crypto/plain_json.hpp"

namespace countersign::crypto {

namespace {

constexpr std::string_view algorithm = "EdDSA";
constexpr std::size_t header_members = 3;
constexpr std::size_t most_header_bytes = 512;

struct Parts {
  std::string_view header, payload, signature, signed_part;
};

base::Result<Parts> split(std::string_view compact) {
  if (compact.size() > most_jws_bytes) return base::refuse("jws_too_large", "a token has at most 16 KiB");
  const auto first = compact.find('.');
  const auto second = first == std::string_view::npos ? first : compact.find('.', first + 1);
  if (second == std::string_view::npos || compact.find('.', second + 1) != std::string_view::npos)
    return base::refuse("jws_malformed", "a token is three parts with two dots between them");
  return Parts{compact.substr(0, first), compact.substr(first + 1, second - first - 1), compact.substr(second + 1),
               compact.substr(0, second)};
}

base::Result<std::string> decode_part(std::string_view part, const char* name) {
  auto bytes = base64url_decode(part);
  if (bytes && !part.empty()) return bytes;
  return base::refuse("jws_malformed", std::string(name) + " is not unpadded base64url in its one spelling");
}

// The key id.
base::Result<std::string> read_header(std::string_view header, std::string_view typ) {
  const auto json = header.size() <= most_header_bytes ? PlainJson::parse(header) : std::nullopt;
  if (!json || json->object() == nullptr)
    return base::refuse("jws_header_invalid", "the header is not an object of plain, different members");
  const auto *alg = json->text("alg"), *kid = json->text("kid"), *type = json->text("typ");
  if (alg == nullptr || *alg != algorithm) return base::refuse("jws_algorithm_refused", "the only algorithm is EdDSA");
  if (kid == nullptr || type == nullptr || json->object()->size() != header_members)
    return base::refuse("jws_header_invalid", "the header has exactly the members alg, kid and typ");
  if (!valid_kid(*kid)) return base::refuse("jws_header_invalid", "kid is not a key's name");
  if (*type != typ) return base::refuse("jws_type_wrong", "a token of type " + std::string(typ) + " is wanted here");
  return *kid;
}

}  // namespace

std::string sign_jws(const SigningKey& key, std::string_view typ, std::string_view payload) {
  COUNTERSIGN_INVARIANT(valid_kid(key.kid), "a signing key has a name");
  const std::string header = R"({"alg":"EdDSA","kid":")" + key.kid + R"(","typ":")" + std::string(typ) + "\"}";
  std::string token = base64url_encode(header) + "." + base64url_encode(payload);
  token += "." + base64url_encode(sign_ed25519(key.pair, token));
  COUNTERSIGN_INVARIANT(token.size() <= most_jws_bytes, "what is signed is small");
  return token;
}

base::Result<UnverifiedJws> UnverifiedJws::read(std::string_view compact, std::string_view typ) {
  const auto parts = split(compact);
  if (!parts) return tl::unexpected(parts.error());
  auto header = decode_part(parts->header, "the header");
  if (!header) return tl::unexpected(header.error());
  auto kid = read_header(*header, typ);
  if (!kid) return tl::unexpected(kid.error());
  auto payload = decode_part(parts->payload, "the payload"), signature = decode_part(parts->signature, "the signature");
  if (!payload) return tl::unexpected(payload.error());
  if (!signature) return tl::unexpected(signature.error());
  UnverifiedJws token;
  token.signed_part_ = parts->signed_part;
  token.kid_ = std::move(*kid);
  token.header_ = std::move(*header);
  token.payload_ = std::move(*payload);
  token.signature_ = std::move(*signature);
  return token;
}

base::Result<VerifiedJws> UnverifiedJws::verify(const KeySet& keys) const {
  const std::string* key = keys.find(kid_);
  if (key == nullptr) return base::refuse("jws_key_unknown", "no key called " + kid_ + " may sign here");
  if (!verify_ed25519(*key, signed_part_, signature_)) return base::refuse("jws_signature_invalid", "the signature is not that of " + kid_);
  return VerifiedJws(kid_, header_, payload_);
}

base::Result<VerifiedJws> verify_jws(std::string_view compact, std::string_view typ, const KeySet& keys) {
  return UnverifiedJws::read(compact, typ).and_then([&](const UnverifiedJws& token) { return token.verify(keys); });
}

}  // namespace countersign::crypto
