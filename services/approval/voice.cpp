#include "approval/voice.hpp"

#include "crypto/jws.hpp"

namespace countersign::approval {

namespace {

// Who is claimed to have signed, with the keys that would prove it.
base::Result<const std::vector<catalog::PublicKey>*> find_signer(Voice& voice, std::string_view tenant,
                                                                 const catalog::Directory& directory) {
  if (voice.claims.issuer == contracts::person_issuer) {
    voice.person = directory.find_person(tenant, voice.claims.subject);
    if (voice.person == nullptr) return base::refuse("signer_unknown", "nobody of this name is believed");
    return &voice.person->keys;
  }
  voice.issuer = directory.find_issuer(tenant, voice.claims.issuer);
  if (voice.issuer == nullptr) return base::refuse("signer_unknown", "no issuer of this name is believed");
  return &voice.issuer->keys;
}

base::Result<void> verify(const crypto::UnverifiedJws& token, const std::vector<catalog::PublicKey>& keys) {
  crypto::KeySet signers;
  if (const auto* key = catalog::find_key(keys, token.kid()))
    if (auto added = signers.add(key->kid, key->bytes); !added) return added;
  return token.verify(signers).map([](const auto&) {});
}

}  // namespace

base::Result<Voice> hear(std::string_view jws, std::string_view tenant, const catalog::Directory& directory) {
  const auto token = crypto::UnverifiedJws::read(jws, contracts::token_types::decision);
  if (!token) return tl::unexpected(token.error());
  auto claims = contracts::decode_decision_claims(token->claimed_payload());
  if (!claims) return tl::unexpected(claims.error());
  Voice voice;
  voice.kid = token->kid();
  voice.claims = *std::move(claims);
  const auto keys = find_signer(voice, tenant, directory);
  if (!keys) return tl::unexpected(keys.error());
  if (auto verified = verify(*token, **keys); !verified) return tl::unexpected(verified.error());
  if (voice.issuer != nullptr) {
    voice.person = directory.find_person_of(tenant, {voice.claims.issuer, voice.claims.subject});
    if (voice.person == nullptr) return base::refuse("person_unknown", "the issuer's subject is nobody whom the directory knows");
  }
  return voice;
}

}  // namespace countersign::approval
