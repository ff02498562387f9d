#include "cli/keys.hpp"

#include <chrono>
#include <nlohmann/json.hpp>

#include "base/clock.hpp"
#include "cli/document_file.hpp"
#include "cli/exit_codes.hpp"
#include "contracts/token_claims.hpp"
#include "crypto/base64.hpp"
#include "crypto/jws.hpp"

namespace countersign::cli {

namespace {

using nlohmann::json;

std::int64_t now_in_seconds() {
  return std::chrono::duration_cast<std::chrono::seconds>(base::SystemClock{}.wall().time_since_epoch()).count();
}

contracts::ChangeClaims claims_of(const catalog::Document& document, const SignWish& wish) {
  contracts::ChangeClaims claims;
  claims.subject = wish.person;
  claims.audience = contracts::decision_audience(wish.environment);
  claims.tenant = document.tenant;
  claims.kind = document.kind;
  claims.name = document.name;
  claims.version = document.version;
  claims.digest = document.digest;
  claims.issued_at = now_in_seconds();
  return claims;
}

}  // namespace

int make_key(const NewKeyWish& wish, const Console& console) {
  if (!crypto::valid_kid(wish.kid))
    throw Misused("--kid has 1 to 128 letters, digits and ._:@- and begins with a letter or digit, not '" + wish.kid + "'");
  const crypto::SigningKey key{wish.kid, crypto::make_ed25519_key_pair()};
  if (const auto written = crypto::write_signing_key_file(key, wish.file); !written) throw BadInput(written.error().detail);
  const auto jwk = crypto::to_public_jwk(key.kid, key.pair.public_key);
  const auto x = crypto::base64url_encode(key.pair.public_key);
  console.give({{"file", wish.file}, {"kid", key.kid}, {"x", x}, {"public", json::parse(jwk)}});
  console.say("The private key is in " + wish.file + ", readable by you alone. Its public part,");
  console.say("  in a person's or issuer's document: " + json{{"kid", key.kid}, {"x", x}}.dump());
  console.say("  in a file of trust anchors:         " + json{{"keys", {json::parse(jwk)}}}.dump());
  return exit_well;
}

int sign_document(const SignWish& wish, const Console& console) {
  const auto document = read_document_file(wish.file);
  if (!catalog::about_people(document.kind))
    throw BadInput(document.label() + " is not about people, so that nobody needs to sign it: apply it");
  if (document.kind == "person" && document.name == wish.person)
    throw Misused("nobody signs for themselves: " + document.label() + " needs two other people");
  const auto key = crypto::read_signing_key_file(wish.key_file);
  if (!key) throw BadInput(key.error().detail);
  const auto jws = crypto::sign_jws(*key, contracts::token_types::change, contracts::encode(claims_of(document, wish)));
  console.give({{"document", document.label()},
                {"digest", document.digest},
                {"person", wish.person},
                {"environment", wish.environment},
                {"jws", jws}});
  console.say(jws);
  return exit_well;
}

}  // namespace countersign::cli
