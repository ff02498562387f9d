#include "crypto/jws.hpp"

#include <gtest/gtest.h>

#include <array>

#include "crypto/base64.hpp"
#include "crypto/hmac.hpp"
#include "crypto/jwk.hpp"

namespace countersign::crypto {
namespace {

constexpr std::string_view typ = "decision+jwt";
constexpr std::string_view payload = R"({"verb":"approve"})";

SigningKey key_called(const std::string& kid, char seed) { return {kid, *load_ed25519_key_pair(base::Secret(std::string(32, seed)))}; }

KeySet keys_of(const SigningKey& key) {
  KeySet keys;
  EXPECT_TRUE(keys.add(key.kid, key.pair.public_key));
  return keys;
}

std::string refusal(const base::Result<VerifiedJws>& result) { return result ? "accepted" : result.error().code; }

// A token with any header, properly signed.
std::string signed_with(const SigningKey& key, const std::string& header, std::string_view content = payload) {
  const std::string signed_part = base64url_encode(header) + "." + base64url_encode(content);
  return signed_part + "." + base64url_encode(sign_ed25519(key.pair, signed_part));
}

// S + L, the same scalar spelt a second time: a verifier that does not insist on S < L takes both.
std::string with_group_order_added(std::string signature) {
  static constexpr std::array<unsigned char, 32> order{0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
                                                       0xa2, 0xde, 0xf9, 0xde, 0x14, 0,    0,    0,    0,    0,    0,
                                                       0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};
  unsigned carry = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    carry += static_cast<unsigned char>(signature[32 + i]) + order[i];
    signature[32 + i] = static_cast<char>(carry & 0xFF);
    carry >>= 8;
  }
  return signature;
}

TEST(Jws, VerifiesWhatItSigned) {
  const auto key = key_called("maria-1", 'a');
  const std::string token = sign_jws(key, typ, payload);
  const auto verified = verify_jws(token, typ, keys_of(key));
  ASSERT_TRUE(verified) << verified.error().detail;
  EXPECT_EQ(verified->kid(), "maria-1");
  EXPECT_EQ(verified->payload(), payload);
  EXPECT_EQ(verified->header(), R"({"alg":"EdDSA","kid":"maria-1","typ":"decision+jwt"})");
  EXPECT_EQ(UnverifiedJws::read(token, typ)->claimed_payload(), payload);
}

// RFC 8037, appendix A: the key and its signature over a fixed input.
TEST(Jws, AgreesWithTheExampleOfTheStandard) {
  const auto key = parse_signing_key(
      R"({"kty":"OKP","crv":"Ed25519","kid":"a","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})");
  ASSERT_TRUE(key) << key.error().detail;
  EXPECT_EQ(base64url_encode(sign_ed25519(key->pair, "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc")),
            "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg");
}

TEST(Jws, TakesAnyOrderOfMembersAndWhiteSpaceInTheHeader) {
  const auto key = key_called("k", 'a');
  EXPECT_EQ(refusal(verify_jws(signed_with(key, R"({ "typ": "decision+jwt", "kid": "k", "alg": "EdDSA" })"), typ, keys_of(key))),
            "accepted");
}

struct HeaderCase {
  const char* name;
  const char* header;
  const char* refused_as;
};

class ForgedHeader : public testing::TestWithParam<HeaderCase> {};

// All of these carry a signature that fits: the header alone must damn them.
TEST_P(ForgedHeader, IsRefused) {
  const auto key = key_called("k", 'a');
  EXPECT_EQ(refusal(verify_jws(signed_with(key, GetParam().header), typ, keys_of(key))), GetParam().refused_as);
}

INSTANTIATE_TEST_SUITE_P(
    Jws, ForgedHeader,
    testing::Values(HeaderCase{"AlgNone", R"({"alg":"none","kid":"k","typ":"decision+jwt"})", "jws_algorithm_refused"},
                    HeaderCase{"AlgNoneInCapitals", R"({"alg":"NONE","kid":"k","typ":"decision+jwt"})", "jws_algorithm_refused"},
                    HeaderCase{"AlgHs256", R"({"alg":"HS256","kid":"k","typ":"decision+jwt"})", "jws_algorithm_refused"},
                    HeaderCase{"AlgInSmallLetters", R"({"alg":"eddsa","kid":"k","typ":"decision+jwt"})", "jws_algorithm_refused"},
                    HeaderCase{"AlgEd448", R"({"alg":"Ed448","kid":"k","typ":"decision+jwt"})", "jws_algorithm_refused"},
                    HeaderCase{"NoAlg", R"({"kid":"k","typ":"decision+jwt"})", "jws_algorithm_refused"},
                    HeaderCase{"AlgTwice", R"({"alg":"EdDSA","alg":"EdDSA","kid":"k","typ":"decision+jwt"})", "jws_header_invalid"},
                    HeaderCase{"AlgList", R"({"alg":["EdDSA"],"kid":"k","typ":"decision+jwt"})", "jws_algorithm_refused"},
                    HeaderCase{"UnknownKid", R"({"alg":"EdDSA","kid":"other","typ":"decision+jwt"})", "jws_key_unknown"},
                    HeaderCase{"KidOfAnotherCase", R"({"alg":"EdDSA","kid":"K","typ":"decision+jwt"})", "jws_key_unknown"},
                    HeaderCase{"KidIsAPath", R"({"alg":"EdDSA","kid":"../k","typ":"decision+jwt"})", "jws_header_invalid"},
                    HeaderCase{"KidIsEmpty", R"({"alg":"EdDSA","kid":"","typ":"decision+jwt"})", "jws_header_invalid"},
                    HeaderCase{"KidIsEscaped", R"({"alg":"EdDSA","kid":"\u006b","typ":"decision+jwt"})", "jws_header_invalid"},
                    HeaderCase{"NoKid", R"({"alg":"EdDSA","typ":"decision+jwt"})", "jws_header_invalid"},
                    HeaderCase{"Jku", R"({"alg":"EdDSA","kid":"k","typ":"decision+jwt","jku":"https://x"})", "jws_header_invalid"},
                    HeaderCase{"Jwk", R"({"alg":"EdDSA","kid":"k","typ":"decision+jwt","jwk":{"kty":"OKP"}})", "jws_header_invalid"},
                    HeaderCase{"X5u", R"({"alg":"EdDSA","kid":"k","typ":"decision+jwt","x5u":"https://x"})", "jws_header_invalid"},
                    HeaderCase{"X5c", R"({"alg":"EdDSA","kid":"k","typ":"decision+jwt","x5c":["x"]})", "jws_header_invalid"},
                    HeaderCase{"Crit", R"({"alg":"EdDSA","kid":"k","typ":"decision+jwt","crit":["exp"]})", "jws_header_invalid"},
                    HeaderCase{"UnencodedPayload", R"({"alg":"EdDSA","kid":"k","typ":"decision+jwt","b64":false,"crit":["b64"]})",
                               "jws_header_invalid"},
                    HeaderCase{"OtherType", R"({"alg":"EdDSA","kid":"k","typ":"change+jwt"})", "jws_type_wrong"},
                    HeaderCase{"PlainJwt", R"({"alg":"EdDSA","kid":"k","typ":"JWT"})", "jws_type_wrong"},
                    HeaderCase{"NoType", R"({"alg":"EdDSA","kid":"k"})", "jws_header_invalid"},
                    HeaderCase{"TypeIsANumber", R"({"alg":"EdDSA","kid":"k","typ":1})", "jws_header_invalid"},
                    HeaderCase{"TrailingBytes", R"({"alg":"EdDSA","kid":"k","typ":"decision+jwt"}x)", "jws_header_invalid"},
                    HeaderCase{"NotAnObject", R"(["EdDSA","k","decision+jwt"])", "jws_header_invalid"},
                    HeaderCase{"Truncated", R"({"alg":"EdDSA","kid":"k","typ":"decision+jwt")", "jws_header_invalid"},
                    HeaderCase{"Nothing", " ", "jws_header_invalid"}),
    [](const auto& test) { return std::string(test.param.name); });

class MisspeltToken : public testing::Test {
 protected:
  const SigningKey key = key_called("k", 'a');
  const KeySet keys = keys_of(key);
  const std::string good = sign_jws(key, typ, payload);
  std::string verdict(const std::string& token) const { return refusal(verify_jws(token, typ, keys)); }
};

TEST_F(MisspeltToken, IsRefusedHoweverItIsSpelt) {
  const auto first = good.find('.'), last = good.rfind('.');
  const std::string head = good.substr(0, first), body = good.substr(first + 1, last - first - 1), tail = good.substr(last + 1);
  const std::vector<std::pair<const char*, std::string>> cases{
      {"empty", ""},
      {"dots only", ".."},
      {"no signature", head + "." + body + "."},
      {"two parts", head + "." + body},
      {"four parts", good + "." + tail},
      {"trailing dot", good + "."},
      {"trailing line feed", good + "\n"},
      {"leading space", " " + good},
      {"padded header", head + "=." + body + "." + tail},
      {"padded signature", head + "." + body + "." + tail + "=="},
      {"space in the payload", head + "." + body.substr(0, 4) + " " + body.substr(4) + "." + tail},
      {"standard alphabet", head + "." + body + "." + std::string(tail.size() - 1, '+') + "A"},
      {"NUL in the signature", head + "." + body + "." + tail + std::string(1, '\0')},
      {"payload of one character", head + ".A." + tail},
  };
  for (const auto& [name, token] : cases) EXPECT_EQ(verdict(token), "jws_malformed") << name;
  EXPECT_EQ(verdict(good + "A"), "jws_signature_invalid");
}

// 64 bytes leave four bits of the last character unused: 16 spellings of one signature, of which one counts.
TEST_F(MisspeltToken, HasNoStrayBits) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  int accepted = 0;
  for (const char last : alphabet) {
    const auto decision = verdict(good.substr(0, good.size() - 1) + last);
    accepted += decision == "accepted";
    EXPECT_TRUE(decision == "accepted" || decision == "jws_malformed" || decision == "jws_signature_invalid") << decision;
  }
  EXPECT_EQ(accepted, 1);
}

TEST_F(MisspeltToken, IsRefusedPast16KiB) {
  const std::string large(most_jws_bytes, 'A');
  EXPECT_EQ(verdict(good.substr(0, good.rfind('.')) + large), "jws_too_large");
  EXPECT_EQ(verdict(std::string(most_jws_bytes, '.')), "jws_malformed");
}

TEST_F(MisspeltToken, IsRefusedWithAnythingChanged) {
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string changed = good;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_NE(verdict(changed), "accepted") << "byte " << i;
  }
}

class ForgedSignature : public MisspeltToken {
 protected:
  const std::string signed_part = good.substr(0, good.rfind('.'));
  std::string verdict_of_signature(const std::string& signature) const { return verdict(signed_part + "." + base64url_encode(signature)); }
};

TEST_F(ForgedSignature, WithThePublicKeyAsHmacKeyIsRefused) {
  const std::string header = R"({"alg":"HS256","kid":"k","typ":"decision+jwt"})";
  const std::string part = base64url_encode(header) + "." + base64url_encode(payload);
  const std::string mac = hmac_sha256(key.pair.public_key, part).raw();
  EXPECT_EQ(verdict(part + "." + base64url_encode(mac)), "jws_algorithm_refused");
  EXPECT_EQ(verdict_of_signature(hmac_sha256(key.pair.public_key, signed_part).raw()), "jws_signature_invalid");
}

TEST_F(ForgedSignature, IsRefusedInItsSecondSpelling) {
  EXPECT_EQ(verdict_of_signature(with_group_order_added(sign_ed25519(key.pair, signed_part))), "jws_signature_invalid");
}

TEST_F(ForgedSignature, OfAnotherKeyOrLengthIsRefused) {
  const std::string right = sign_ed25519(key.pair, signed_part);
  for (const auto& signature : {sign_ed25519(key_called("k", 'b').pair, signed_part), std::string(64, '\0'), std::string(64, '\xFF'),
                                right.substr(0, 63), right + '\0', right + right, std::string(1, '\0')})
    EXPECT_EQ(verdict_of_signature(signature), "jws_signature_invalid");
}

TEST_F(ForgedSignature, OfAnotherTokenIsRefused) {
  const std::string other = sign_jws(key, typ, R"({"verb":"deny"})");
  EXPECT_EQ(verdict(signed_part + other.substr(other.rfind('.'))), "jws_signature_invalid");
}

}  // namespace
}  // namespace countersign::crypto
