#include "crypto/jwk.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "crypto/base64.hpp"

namespace countersign::crypto {
namespace {

namespace fs = std::filesystem;

SigningKey some_key() { return {"approval-1", *load_ed25519_key_pair(base::Secret(std::string(32, 'a')))}; }

template <typename T>
std::string refusal(const base::Result<T>& result) {
  return result ? "accepted" : result.error().code;
}

class KeyFiles : public testing::Test {
 protected:
  KeyFiles() { fs::create_directories(folder); }
  ~KeyFiles() override { fs::remove_all(folder); }

  fs::path write(const std::string& name, const std::string& text, mode_t mode) const {
    const auto path = folder / name;
    std::ofstream(path) << text;
    ::chmod(path.c_str(), mode);
    return path;
  }

  const fs::path folder = fs::temp_directory_path() / ("countersign-keys-" + std::to_string(::getpid()));
};

TEST_F(KeyFiles, ReadBackWhatTheyWrote) {
  const auto key = some_key();
  const auto path = folder / "new.jwk";
  ASSERT_TRUE(write_signing_key_file(key, path));
  EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  const auto read = read_signing_key_file(path);
  ASSERT_TRUE(read) << read.error().detail;
  EXPECT_EQ(read->kid, key.kid);
  EXPECT_EQ(read->pair.public_key, key.pair.public_key);
  EXPECT_EQ(read->pair.private_key.reveal(), key.pair.private_key.reveal());
}

TEST_F(KeyFiles, AreNotOverwritten) {
  const auto path = write("old.jwk", "precious", 0600);
  EXPECT_EQ(refusal(write_signing_key_file(some_key(), path)), "key_file_exists");
  EXPECT_EQ(fs::file_size(path), 8U);
}

TEST_F(KeyFiles, AreRefusedWhenOthersMayUseThem) {
  const std::string jwk = to_private_jwk(some_key());
  for (const mode_t mode : {0644, 0640, 0604, 0660, 0620}) {
    const auto result = read_signing_key_file(write("open.jwk", jwk, mode));
    EXPECT_EQ(refusal(result), "key_exposed") << std::oct << mode;
    EXPECT_NE(result.error().detail.find("chmod 600"), std::string::npos);
  }
  EXPECT_EQ(refusal(read_signing_key_file(write("closed.jwk", jwk, 0600))), "accepted");
}

TEST_F(KeyFiles, OfTrustAreRefusedWhenOthersMayWriteThem) {
  for (const mode_t mode : {0664, 0646, 0666, 0620})
    EXPECT_EQ(refusal(read_key_set_file(write("open.jwks", R"({"keys":[]})", mode))), "trust_file_writable") << std::oct << mode;
  EXPECT_EQ(refusal(read_key_set_file(write("shown.jwks", R"({"keys":[]})", 0644))), "accepted");
}

TEST_F(KeyFiles, AreRefusedWhenThereIsNothingToRead) {
  EXPECT_EQ(refusal(read_signing_key_file(folder / "missing.jwk")), "key_file_unreadable");
  EXPECT_EQ(refusal(read_signing_key_file(folder)), "key_file_unreadable");
  EXPECT_EQ(refusal(read_key_set_file(folder / "missing.jwks")), "key_file_unreadable");
  EXPECT_EQ(refusal(read_key_set_file(write("large.jwks", std::string(100'000, ' '), 0644))), "key_file_unreadable");
}

TEST_F(KeyFiles, ReadASetThatEverybodyMayRead) {
  const auto key = some_key();
  const auto path = write("anchors.jwks", "{\"keys\": [\n " + to_public_jwk(key.kid, key.pair.public_key) + "\n]}\n", 0644);
  const auto keys = read_key_set_file(path);
  ASSERT_TRUE(keys) << keys.error().detail;
  ASSERT_NE(keys->find("approval-1"), nullptr);
  EXPECT_EQ(*keys->find("approval-1"), key.pair.public_key);
  EXPECT_EQ(keys->find("approval-2"), nullptr);
}

TEST(SigningKeyText, TellsNoPrivateKeyInItsRefusals) {
  const auto key = some_key();
  std::string jwk = to_private_jwk(key);
  jwk.replace(jwk.find("\"x\":\"") + 5, 4, "AAAA");
  const auto result = parse_signing_key(jwk);
  EXPECT_EQ(refusal(result), "key_invalid");
  EXPECT_EQ(result.error().detail.find(base64url_encode(std::string(32, 'a'))), std::string::npos);
}

TEST(SigningKeyText, IsRefusedWithAMistake) {
  const std::string good = to_private_jwk(some_key());
  const auto with = [&](const std::string& what, const std::string& instead) {
    std::string text = good;
    return text.replace(text.find(what), what.size(), instead);
  };
  for (const auto& text :
       {std::string(), std::string("{}"), with("OKP", "EC"), with("Ed25519", "X25519"), with("approval-1", "a b"), with("approval-1", ""),
        with("\"d\"", "\"D\""), with("\"x\"", "\"y\""), good + "x", with("\"d\":\"", "\"d\":\"=")})
    EXPECT_EQ(refusal(parse_signing_key(text)), "key_malformed") << text;
}

TEST(KeySetText, IsRefusedWithAMistake) {
  const auto key = some_key();
  const std::string jwk = to_public_jwk(key.kid, key.pair.public_key);
  EXPECT_EQ(refusal(parse_key_set("{\"keys\":[]}")), "accepted");
  EXPECT_EQ(refusal(parse_key_set(jwk)), "key_malformed");
  EXPECT_EQ(refusal(parse_key_set("[" + jwk + "]")), "key_malformed");
  EXPECT_EQ(refusal(parse_key_set("{\"keys\":[\"x\"]}")), "key_malformed");
  EXPECT_EQ(refusal(parse_key_set("{\"keys\":[" + jwk + "," + jwk + "]}")), "key_invalid");
  EXPECT_EQ(refusal(parse_key_set("{\"keys\":[" + to_private_jwk(key) + "]}")), "key_exposed");
  std::string many;
  for (int i = 0; i < 65; ++i) many += (i == 0 ? "" : ",") + to_public_jwk("k" + std::to_string(i), key.pair.public_key);
  EXPECT_EQ(refusal(parse_key_set("{\"keys\":[" + many + "]}")), "key_malformed");
}

TEST(KeySetText, MayHoldWhatOtherToolsAdd) {
  const auto key = some_key();
  std::string jwk = to_public_jwk(key.kid, key.pair.public_key);
  jwk.insert(1, R"("use":"sig","alg":"EdDSA","key_ops":["verify"],)");
  EXPECT_EQ(refusal(parse_key_set("{\"keys\":[" + jwk + "]}")), "accepted");
}

// Points of small order: with one of them as a public key, one signature fits every message.
TEST(KeySetText, HoldsNoWeakKey) {
  const auto raw = [](const char* hex) {
    std::string bytes;
    for (; *hex != '\0'; hex += 2) bytes += static_cast<char>(std::stoi(std::string(hex, 2), nullptr, 16));
    return bytes;
  };
  const char* const weak[] = {"0000000000000000000000000000000000000000000000000000000000000000",
                              "0100000000000000000000000000000000000000000000000000000000000000",
                              "0000000000000000000000000000000000000000000000000000000000000080",
                              "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                              "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
                              "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
                              "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                              "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                              "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"};
  const std::string identity = raw(weak[1]), forgery = identity + std::string(32, '\0');
  for (const char* hex : weak) {
    KeySet keys;
    EXPECT_EQ(refusal(keys.add("k", raw(hex))), "key_invalid") << hex;
    EXPECT_FALSE(verify_ed25519(raw(hex), "anything", forgery)) << hex;
  }
}

}  // namespace
}  // namespace countersign::crypto
