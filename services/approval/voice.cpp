#include "approval/voice.hpp"

#include "crypto/jws.hpp"

namespace countersign::approval {

namespace {

enum class Keys { present, of_all_versions };

template <typename Signer>
const std::vector<catalog::PublicKey>* keys_of(const Signer& signer, const catalog::Directory& directory, Keys which) {
  return which == Keys::present ? &signer.keys : &directory.keys_of_all_versions(signer);
}

// Who is claimed to have signed, with the keys that would prove it.
base::Result<const std::vector<catalog::PublicKey>*> find_signer(Voice& voice, std::string_view tenant, const catalog::Directory& directory,
                                                                 Keys which) {
  if (voice.claims.issuer == contracts::person_issuer) {
    voice.person = directory.find_person(tenant, voice.claims.subject);
    if (voice.person == nullptr) return base::refuse("signer_unknown", "nobody of this name is believed");
    return keys_of(*voice.person, directory, which);
  }
  voice.issuer = directory.find_issuer(tenant, voice.claims.issuer);
  if (voice.issuer == nullptr) return base::refuse("signer_unknown", "no issuer of this name is believed");
  return keys_of(*voice.issuer, directory, which);
}

base::Result<void> verify(const crypto::UnverifiedJws& token, const std::vector<catalog::PublicKey>& keys) {
  auto verified = token.verify({}).map([](const auto&) {});
  // In different versions of its owner one name can stand for different keys.
  for (const auto& key : keys) {
    if (verified || key.kid != token.kid()) continue;
    crypto::KeySet signer;
    if (auto added = signer.add(key.kid, key.bytes); !added) return added;
    verified = token.verify(signer).map([](const auto&) {});
  }
  return verified;
}

base::Result<Voice> hear_with(Keys which, std::string_view jws, std::string_view tenant, const catalog::Directory& directory) {
  const auto token = crypto::UnverifiedJws::read(jws, contracts::token_types::decision);
  if (!token) return tl::unexpected(token.error());
  auto claims = contracts::decode_decision_claims(token->claimed_payload());
  if (!claims) return tl::unexpected(claims.error());
  Voice voice;
  voice.kid = token->kid();
  voice.claims = *std::move(claims);
  const auto keys = find_signer(voice, tenant, directory, which);
  if (!keys) return tl::unexpected(keys.error());
  if (auto verified = verify(*token, **keys); !verified) return tl::unexpected(verified.error());
  if (voice.issuer != nullptr) {
    voice.person = directory.find_person_of(tenant, {voice.claims.issuer, voice.claims.subject});
    if (voice.person == nullptr) return base::refuse("person_unknown", "the issuer's subject is nobody whom the directory knows");
  }
  return voice;
}

}  // namespace

base::Result<Voice> hear(std::string_view jws, std::string_view tenant, const catalog::Directory& directory) {
  return hear_with(Keys::present, jws, tenant, directory);
}

base::Result<Voice> hear_again(std::string_view jws, std::string_view tenant, const catalog::Directory& directory) {
  return hear_with(Keys::of_all_versions, jws, tenant, directory);
}

}  // namespace countersign::approval
