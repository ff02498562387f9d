#include <gtest/gtest.h>

#include "crypto/base64.hpp"
#include "crypto/digest.hpp"
#include "crypto/ed25519.hpp"
#include "crypto/hmac.hpp"
#include "crypto/random.hpp"

namespace countersign::crypto {
namespace {

std::string from_hex(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) bytes.push_back(static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  return bytes;
}

TEST(Digest, FitsTheVectorsOfFips180) {
  EXPECT_EQ(sha256("").hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256("abc").hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256(std::string(1'000'000, 'a')).hex(), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Digest, IsTheSameInPiecesAndTheHasherStartsAfresh) {
  Sha256 hasher;
  EXPECT_EQ(hasher.update("a").update("").update("bc").finish(), sha256("abc"));
  EXPECT_EQ(hasher.update("abc").finish(), sha256("abc"));
}

TEST(Digest, ReadsItsOwnSpellingsOnly) {
  const Digest digest = sha256("x");
  EXPECT_EQ(Digest::from_hex(digest.hex()), digest);
  EXPECT_EQ(Digest::from_raw(digest.raw()), digest);
  EXPECT_FALSE(Digest::from_hex(digest.hex().substr(1)));
  EXPECT_FALSE(Digest::from_hex(std::string(64, 'g')));
  EXPECT_FALSE(Digest::from_raw("short"));
}

TEST(Hmac, FitsTheVectorsOfRfc4231) {
  EXPECT_EQ(hmac_sha256(std::string(20, '\x0b'), "Hi There").hex(), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hmac_sha256("Jefe", "what do ya want for nothing?").hex(), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hmac_sha256(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First").hex(),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  EXPECT_EQ(hmac_sha256("", "").hex(), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(ConstantTimeEqual, ComparesLengthAndContent) {
  EXPECT_TRUE(constant_time_equal("", ""));
  EXPECT_TRUE(constant_time_equal("ab", "ab"));
  EXPECT_FALSE(constant_time_equal("ab", "ac"));
  EXPECT_FALSE(constant_time_equal("ab", "abc"));
}

TEST(Base64, FitsTheVectorsOfRfc4648) {
  const std::pair<const char*, const char*> vectors[] = {
      {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(base64_encode(bytes), text);
    EXPECT_EQ(base64_decode(text).value(), bytes);
  }
  EXPECT_EQ(base64url_encode("\xfb\xff\xfe"), "-__-");
  EXPECT_EQ(base64_encode("\xfb\xff\xfe"), "+//+");
}

TEST(Base64, ComesBackForEveryLength) {
  for (std::size_t length = 0; length < 200; ++length) {
    const std::string bytes = random_bytes(length);
    EXPECT_EQ(base64_decode(base64_encode(bytes)).value(), bytes);
    EXPECT_EQ(base64url_decode(base64url_encode(bytes)).value(), bytes);
  }
}

TEST(Base64, RefusesEverySecondSpelling) {
  for (const char* text : {"Zg", "Zg=", "Zg===", "Z", "Zh==", "Zm9=", "Zm9v\n", " Zm9v", "Zm-v", "=", "==", "====", "Zg==Zg==", "Zm9v===="})
    EXPECT_FALSE(base64_decode(text)) << text;
  for (const char* text : {"Zg==", "Z", "Zh", "Zm9", "Zm+v", "Zm9v "}) EXPECT_FALSE(base64url_decode(text)) << text;
}

TEST(Ed25519, FitsTheVectorsOfRfc8032) {
  const auto pair =
      load_ed25519_key_pair(base::Secret(from_hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"))).value();
  EXPECT_EQ(pair.public_key, from_hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"));
  const std::string signature = sign_ed25519(pair, "\x72");
  EXPECT_EQ(signature, from_hex("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                                "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"));
  EXPECT_TRUE(verify_ed25519(pair.public_key, "\x72", signature));
  EXPECT_FALSE(verify_ed25519(pair.public_key, "\x73", signature));
}

TEST(Ed25519, RefusesWhatIsNoKeyAndNoSignature) {
  const auto pair = make_ed25519_key_pair();
  EXPECT_FALSE(load_ed25519_key_pair(base::Secret("short")));
  std::string mixed = pair.private_key.reveal();
  mixed.back() = static_cast<char>(mixed.back() ^ 1);
  EXPECT_FALSE(load_ed25519_key_pair(base::Secret(mixed)));
  EXPECT_FALSE(verify_ed25519(pair.public_key, "m", ""));
  EXPECT_FALSE(verify_ed25519("", "m", sign_ed25519(pair, "m")));
  // The all-zero key has small order: everything would verify under it.
  EXPECT_FALSE(verify_ed25519(std::string(32, '\0'), "m", std::string(64, '\0')));
}

TEST(RandomBytes, AreNotTheSameTwice) { EXPECT_NE(random_bytes(32), random_bytes(32)); }

}  // namespace
}  // namespace countersign::crypto
