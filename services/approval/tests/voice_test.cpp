// Whose signature a decision carries.

#include <gtest/gtest.h>

#include "approval/tests/scene.hpp"
#include "approval/voice.hpp"

namespace countersign::approval {
namespace {

using testing::id_number;
using testing::Scene;

class VoiceTest : public ::testing::Test {
 protected:
  std::string code(const std::string& jws, const std::string& tenant = "acme") {
    const auto voice = hear(jws, tenant, directory);
    return voice ? "" : voice.error().code;
  }

  Scene scene;
  catalog::Directory directory = testing::directory_of(scene.everybody());
  contracts::ShownApproval shown = scene.shown(id_number(1), [](auto&) {});
  contracts::DecisionClaims approve = Scene::decision(shown, "ada", "approve");
};

TEST_F(VoiceTest, HearsAPersonWithTheirOwnKey) {
  const auto voice = hear(scene.sign(approve), "acme", directory);
  ASSERT_TRUE(voice);
  EXPECT_EQ(voice->person->name, "ada");
  EXPECT_EQ(voice->issuer, nullptr);
}

TEST_F(VoiceTest, HearsAPersonThroughAnIssuer) {
  const auto voice = hear(scene.sign(Scene::vouched(shown, "bob", "approve")), "acme", directory);
  ASSERT_TRUE(voice);
  EXPECT_EQ(voice->person->name, "bob");
  EXPECT_EQ(voice->issuer->name, "desk");
}

TEST_F(VoiceTest, HearsNobodyElse) {
  EXPECT_EQ(code(Scene::sign(approve, scene.keys.at("bob"))), "jws_key_unknown");
  EXPECT_EQ(code(Scene::sign(approve, testing::new_key("ada-1"))), "jws_signature_invalid");
  EXPECT_EQ(code(Scene::sign(approve, scene.bridge)), "jws_key_unknown");
  EXPECT_EQ(code(scene.sign(approve), "globex"), "signer_unknown");
  auto unknown = Scene::vouched(shown, "ada", "approve");
  unknown.subject = "U-nobody";
  EXPECT_EQ(code(scene.sign(unknown)), "person_unknown");
  auto service = approve;
  service.subject = "countersign_planner";
  EXPECT_EQ(code(Scene::sign(service, testing::new_key("api-key"))), "signer_unknown");
  // A person cannot speak as an issuer, nor an issuer's subject as a person.
  auto crossed = Scene::vouched(shown, "ada", "approve");
  EXPECT_EQ(code(Scene::sign(crossed, scene.keys.at("ada"))), "jws_key_unknown");
  crossed.issuer = contracts::person_issuer;
  EXPECT_EQ(code(Scene::sign(crossed, scene.bridge)), "signer_unknown");
}

TEST_F(VoiceTest, HearsNoOtherAlgorithm) {
  const std::string payload = crypto::base64url_encode(contracts::encode(approve));
  const auto with = [&](const std::string& header) { return crypto::base64url_encode(header) + "." + payload + "."; };
  for (const char* header :
       {R"({"alg":"none","kid":"ada-1","typ":"decision+jwt"})", R"({"alg":"HS256","kid":"ada-1","typ":"decision+jwt"})",
        R"({"alg":"EdDSA","kid":"ada-1","typ":"decision+jwt","jku":"https://evil.test"})",
        R"({"alg":"EdDSA","kid":"ada-1","typ":"decision+jwt","crit":["exp"]})"}) {
    EXPECT_NE(code(with(header)), "") << header;
    EXPECT_NE(code(with(header) + crypto::base64url_encode(std::string(64, 'x'))), "") << header;
  }
  EXPECT_NE(code(scene.sign(approve) + "="), "");
  EXPECT_NE(code(scene.sign(approve) + " "), "");
}

TEST_F(VoiceTest, DoesNotHearTheRetired) {
  auto documents = scene.everybody();
  documents.push_back(scene.person("ada", {"approver"}, 2, {{"retired", true}}));
  directory = testing::directory_of(documents);
  EXPECT_EQ(code(scene.sign(approve)), "signer_unknown");
}

}  // namespace
}  // namespace countersign::approval
