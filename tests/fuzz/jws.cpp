#include "crypto/jws.hpp"

#include "contracts/token_claims.hpp"
#include "fuzz/targets.hpp"

namespace countersign::fuzz {

namespace {

using crypto::KeySet;
using crypto::SigningKey;

constexpr const char* typ = "decision+jwt";

// Of all zeros and of all ones: everybody may have them.
SigningKey key_of(char seed) {
  auto pair = crypto::load_ed25519_key_pair(base::Secret(std::string(32, seed)));
  promise(pair.has_value(), "any 32 bytes are a seed");
  return {"corpus", std::move(*pair)};
}

KeySet set_of(const SigningKey& key) {
  KeySet keys;
  promise(keys.add(key.kid, key.pair.public_key).has_value(), "a key that was made is good");
  return keys;
}

const SigningKey& ours() {
  static const SigningKey key = key_of('\0');
  return key;
}

const SigningKey& theirs() {
  static const SigningKey key = key_of('\1');
  return key;
}

const KeySet our_keys = set_of(ours());
const KeySet their_keys = set_of(theirs());

// There is one token for one header and payload, and one key that it is good under.
void judge(std::string_view token) {
  const auto unverified = crypto::UnverifiedJws::read(token, typ);
  const auto verified = crypto::verify_jws(token, typ, our_keys);
  promise(!crypto::verify_jws(token, typ, their_keys) || !verified, "no token is good under two keys");
  promise(unverified.has_value() || !verified, "what cannot be read is not verified");
  if (!verified) return;
  promise(verified->kid() == ours().kid, "it names the key under which it is good");
  promise(verified->payload() == unverified->claimed_payload(), "what was claimed is what was verified");
  // Who has the key may space a header as they like; nobody else may touch anything.
  const std::string again = crypto::sign_jws(ours(), typ, verified->payload());
  const bool same_header = token.substr(0, token.find('.')) == again.substr(0, again.find('.'));
  promise(!same_header || again == token, "one header and payload, one token");
}

// The input as a payload, and one character of its token changed.
void sign_and_spoil(std::string_view payload) {
  std::string token = crypto::sign_jws(ours(), typ, payload);
  const auto verified = crypto::verify_jws(token, typ, our_keys);
  promise(verified && verified->payload() == payload, "what was signed is verified");
  promise(!crypto::verify_jws(token, "countersignature+jwt", our_keys), "and is of its own type only");
  promise(!crypto::verify_jws(token, typ, their_keys), "and good under its own key only");
  std::size_t place = payload.size();
  for (const char c : payload) place = place * 31 + static_cast<unsigned char>(c);
  char& spoiled = token[place % token.size()];
  spoiled = spoiled == 'A' ? 'B' : 'A';
  promise(!crypto::verify_jws(token, typ, our_keys), "one other character, and it is good no more");
}

void read_claims(std::string_view payload) {
  contracts::decode_decision_claims(payload);
  contracts::decode_countersignature_claims(payload);
  contracts::decode_request_claims(payload);
  contracts::decode_change_claims(payload);
}

}  // namespace

void jws(std::string_view input) {
  judge(input);
  if (!input.empty() && input.size() < crypto::most_jws_bytes / 2) sign_and_spoil(input);  // a token without a payload is none
  read_claims(input);
  if (const auto token = crypto::UnverifiedJws::read(input, typ)) read_claims(token->claimed_payload());
}

}  // namespace countersign::fuzz
