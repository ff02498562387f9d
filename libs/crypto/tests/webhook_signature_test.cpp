#include "crypto/webhook_signature.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "crypto/base64.hpp"

namespace countersign::crypto {
namespace {

const std::string secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const base::WallTime now{std::chrono::seconds{1'700'000'000}};

WebhookKeys webhook_keys(std::vector<std::string> texts) {
  std::vector<base::Secret> secrets;
  for (auto& text : texts) secrets.emplace_back(std::move(text));
  return WebhookKeys::parse(secrets).value();
}

base::Headers signed_at(std::chrono::seconds offset, const std::string& body) {
  return WebhookSigner(webhook_keys({secret}))
      .headers("msg_1", std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()) + offset, body);
}

std::string code_of(const base::Result<void>& result) { return result ? "" : result.error().code; }

void replace(base::Headers& headers, const std::string& name, const std::string& value) {
  for (auto& header : headers)
    if (header.first == name) header.second = value;
}

TEST(WebhookSignature, FitsTheVectorOfTheSpecification) {
  const WebhookSigner signer(webhook_keys({secret}));
  EXPECT_EQ(signer.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", std::chrono::seconds{1614265330}, R"({"test": 2432232314})"),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST(WebhookSignature, AcceptsWhatItSignedAndNothingElse) {
  const WebhookVerifier verifier(webhook_keys({secret}));
  EXPECT_TRUE(verifier.verify(signed_at({}, "body"), "body", now));
  EXPECT_EQ(code_of(verifier.verify(signed_at({}, "body"), "body ", now)), "signature_invalid");
  auto other_id = signed_at({}, "body");
  replace(other_id, "webhook-id", "msg_2");
  EXPECT_EQ(code_of(verifier.verify(other_id, "body", now)), "signature_invalid");
}

TEST(WebhookSignature, NeedsEveryHeader) {
  const WebhookVerifier verifier(webhook_keys({secret}));
  for (const char* name : {"webhook-id", "webhook-timestamp", "webhook-signature"}) {
    auto headers = signed_at({}, "body");
    std::erase_if(headers, [&](const auto& header) { return header.first == name; });
    EXPECT_EQ(code_of(verifier.verify(headers, "body", now)), "header_missing") << name;
  }
}

TEST(WebhookSignature, RefusesTimestampsThatAreNoNumbersOrTooFarAway) {
  const WebhookVerifier verifier(webhook_keys({secret}));
  auto headers = signed_at({}, "body");
  for (const char* text : {"hello", "", "1700000000x", "-5", "99999999999999999999", "+1700000000"}) {
    replace(headers, "webhook-timestamp", text);
    EXPECT_EQ(code_of(verifier.verify(headers, "body", now)), "timestamp_invalid") << text;
  }
  EXPECT_TRUE(verifier.verify(signed_at(std::chrono::seconds{-300}, "b"), "b", now));
  EXPECT_TRUE(verifier.verify(signed_at(std::chrono::seconds{300}, "b"), "b", now));
  EXPECT_EQ(code_of(verifier.verify(signed_at(std::chrono::seconds{-301}, "b"), "b", now)), "timestamp_out_of_tolerance");
  EXPECT_EQ(code_of(verifier.verify(signed_at(std::chrono::seconds{301}, "b"), "b", now)), "timestamp_out_of_tolerance");
}

TEST(WebhookSignature, VerifiesDuringRotationWithEitherSecret) {
  const std::string next = "whsec_" + base64_encode(std::string(32, 'n'));
  const auto headers = WebhookSigner(webhook_keys({next, secret})).headers("m", std::chrono::seconds{1'700'000'000}, "b");
  EXPECT_TRUE(WebhookVerifier(webhook_keys({secret})).verify(headers, "b", now));
  EXPECT_TRUE(WebhookVerifier(webhook_keys({next})).verify(headers, "b", now));
}

TEST(WebhookSignature, SignsAndVerifiesWithEd25519) {
  const auto pair = load_ed25519_key_pair(base::Secret(std::string(32, 's'))).value();
  const auto headers =
      WebhookSigner(webhook_keys({"whsk_" + base64_encode(pair.private_key.reveal())})).headers("m", std::chrono::seconds{1'700'000'000}, "b");
  EXPECT_TRUE(headers[2].second.starts_with("v1a,"));
  const WebhookVerifier verifier(webhook_keys({"whpk_" + base64_encode(pair.public_key)}));
  EXPECT_TRUE(verifier.verify(headers, "b", now));
  EXPECT_EQ(code_of(verifier.verify(headers, "c", now)), "signature_invalid");
  // A v1 header made with the public key as an HMAC key must not pass for v1a.
  const auto forged = WebhookSigner(webhook_keys({base64_encode(pair.public_key)})).headers("m", std::chrono::seconds{1'700'000'000}, "b");
  EXPECT_EQ(code_of(verifier.verify(forged, "b", now)), "signature_invalid");
}

TEST(WebhookSignature, RefusesUnusableSecretsWithoutNamingThem) {
  for (const std::string text : {"", "whsec_", "whsec_c2hvcnQ=", "whsec_!!!!", "whsk_AAAA", "whpk_AAAA"}) {
    const auto keys = WebhookKeys::parse({base::Secret(text)});
    ASSERT_FALSE(keys) << text;
    EXPECT_EQ(keys.error().code, "secret_invalid");
    if (text.size() > 6) {
      EXPECT_EQ(keys.error().detail.find(text.substr(6)), std::string::npos);
    }
  }
  EXPECT_FALSE(WebhookKeys::parse({}));
}

// ---- the vectors of Standard Webhooks' own libraries

class StandardWebhooksVectors : public testing::Test {
 protected:
  void SetUp() override {
    const char* folder = std::getenv("COUNTERSIGN_DATA");
    if (folder == nullptr) GTEST_SKIP() << "COUNTERSIGN_DATA does not name the folder with external test material";
    std::ifstream file(std::string(folder) + "/webhooks/vectors.json");
    if (!file) GTEST_SKIP() << "no webhooks/vectors.json in COUNTERSIGN_DATA";
    vectors_ = nlohmann::json::parse(file);
  }

  // Plays one mutation of a valid message; true when it verifies.
  bool verdict(const std::string& mutate) const {
    std::string key = secret;
    std::chrono::seconds offset{0};
    if (mutate == "prefix") key = secret.substr(6);
    if (mutate.starts_with("timestamp ")) offset = std::chrono::seconds{std::stol(mutate.substr(10))};
    if (mutate == "secret empty") return WebhookKeys::parse({base::Secret("whsec_")}).has_value();
    auto headers = signed_at(offset, "{}");
    if (mutate.starts_with("del ")) std::erase_if(headers, [&](const auto& header) { return header.first == mutate.substr(4); });
    const auto colon = mutate.find(": ");
    if (colon != std::string::npos) replace(headers, mutate.substr(0, colon), with_valid(mutate.substr(colon + 2), headers[2].second));
    return WebhookVerifier(webhook_keys({key})).verify(headers, "{}", now).has_value();
  }

  static std::string with_valid(std::string text, const std::string& valid) {
    const auto at = text.find("<valid>");
    return at == std::string::npos ? text : text.replace(at, 7, valid);
  }

  nlohmann::json vectors_;
};

TEST_F(StandardWebhooksVectors, HaveTheExpectedSignatures) {
  for (const auto& vector : vectors_.at("fixed")) {
    const WebhookSigner signer(webhook_keys({vector.at("secret").get<std::string>()}));
    EXPECT_EQ(signer.sign(vector.at("msg_id").get<std::string>(), std::chrono::seconds{vector.at("timestamp").get<std::int64_t>()},
                          vector.at("payload").get<std::string>()),
              vector.at("signature").get<std::string>());
  }
}

TEST_F(StandardWebhooksVectors, HaveTheExpectedVerdicts) {
  for (const auto& vector : vectors_.at("cases")) {
    const auto& mutate = vector.at("mutate");
    EXPECT_EQ(verdict(mutate.is_null() ? "" : mutate.get<std::string>()), vector.at("valid") == true) << vector.at("name");
  }
}

}  // namespace
}  // namespace countersign::crypto
