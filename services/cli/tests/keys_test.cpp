#include "cli/keys.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/clock.hpp"
#include "catalog/trust.hpp"
#include "cli/document_file.hpp"
#include "cli/exit_codes.hpp"
#include "cli/people.hpp"
#include "contracts/token_claims.hpp"
#include "crypto/jws.hpp"

namespace countersign::cli {
namespace {

namespace fs = std::filesystem;

class KeysTest : public ::testing::Test {
 protected:
  KeysTest() {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  ~KeysTest() override { fs::remove_all(folder_); }

  std::string at(const std::string& name) const { return (folder_ / name).string(); }
  nlohmann::json make(const std::string& kid) {
    ::testing::internal::CaptureStdout();
    EXPECT_EQ(make_key({kid, at(kid + ".jwk")}, Console{true}), exit_well);
    return nlohmann::json::parse(::testing::internal::GetCapturedStdout());
  }
  std::string person(const std::string& name, const nlohmann::json& key) {
    std::ofstream(at(name + ".json")) << nlohmann::json{{"kind", "person"},
                                                        {"tenant", "acme"},
                                                        {"name", name},
                                                        {"version", 1},
                                                        {"display_name", name},
                                                        {"roles", {"approver"}},
                                                        {"identities", nlohmann::json::array()},
                                                        {"keys", {{{"kid", key.at("kid")}, {"x", key.at("x")}}}},
                                                        {"aliases", nlohmann::json::array()}};
    return at(name + ".json");
  }

  const fs::path folder_ = fs::path(::testing::TempDir()) / ("keys-" + std::to_string(::getpid()));
};

TEST_F(KeysTest, KeepsThePrivateKeyToItsOwnerAndOverwritesNone) {
  const auto made = make("ada-1");
  struct stat status {};
  ASSERT_EQ(::stat(at("ada-1.jwk").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  EXPECT_FALSE(made.at("public").contains("d"));
  EXPECT_THROW(make_key({"ada-1", at("ada-1.jwk")}, Console{true}), BadInput);
  EXPECT_THROW(make_key({"no spaces", at("x.jwk")}, Console{true}), Misused);
}

TEST_F(KeysTest, SignsExactlyTheDocumentOfSomebodyElse) {
  const auto ada = make("ada-1");
  const auto bob = person("bob", make("bob-1"));
  ::testing::internal::CaptureStdout();
  ASSERT_EQ(sign_document({bob, "ada", at("ada-1.jwk"), "demo"}, Console{true}), exit_well);
  const auto told = nlohmann::json::parse(::testing::internal::GetCapturedStdout());

  const auto keys = crypto::parse_key_set(nlohmann::json{{"keys", {ada.at("public")}}}.dump());
  const auto verified = crypto::verify_jws(told.at("jws").get<std::string>(), contracts::token_types::change, *keys);
  ASSERT_TRUE(verified) << verified.error().detail;
  const auto claims = contracts::decode_change_claims(verified->payload());
  ASSERT_TRUE(claims) << claims.error().detail;
  EXPECT_EQ(claims->digest, read_document_file(bob).digest);
  EXPECT_EQ(claims->subject, "ada");
  EXPECT_EQ(claims->audience, "countersign/demo");
  EXPECT_THROW(sign_document({bob, "bob", at("bob-1.jwk"), "demo"}, Console{true}), Misused) << "nobody signs for themselves";
}

TEST_F(KeysTest, PrintsTheFoundersFileOfAFolder) {
  const auto ada = person("ada", make("ada-1"));
  const auto bob = person("bob", make("bob-1"));
  ::testing::internal::CaptureStdout();
  ASSERT_EQ(print_founders({folder_.string(), {}}, Console{true}), exit_well);
  const auto founders = catalog::parse_founders(::testing::internal::GetCapturedStdout());
  ASSERT_TRUE(founders) << founders.error().detail;
  EXPECT_THAT(founders->documents, ::testing::UnorderedElementsAre(read_document_file(ada).digest, read_document_file(bob).digest));
  EXPECT_TRUE(founders->revoked_keys.empty());
}

TEST_F(KeysTest, KeepsRevokedKeysRevokedWhenTheFoundersFileIsMadeAnew) {
  const fs::path people = folder_ / "people";
  fs::create_directories(people);
  const auto key = make("ada-2");
  fs::rename(person("ada", key), people / "ada.json");
  const auto stolen = make("ada-1").at("x").get<std::string>();
  std::ofstream(at("before")) << nlohmann::json{{"documents", {std::string(64, 'a')}}, {"revoked_keys", {stolen}}};
  ::testing::internal::CaptureStdout();
  ASSERT_EQ(print_founders({people.string(), at("before")}, Console{false}), exit_well);
  const auto printed = ::testing::internal::GetCapturedStdout();
  const auto founders = catalog::parse_founders(printed);
  ASSERT_TRUE(founders) << founders.error().detail;
  EXPECT_THAT(founders->documents, ::testing::ElementsAre(read_document_file((people / "ada.json").string()).digest));
  EXPECT_EQ(founders->revoked_keys, catalog::read_founders_file(at("before"))->revoked_keys);
  EXPECT_EQ(founders->revoked_keys.size(), 1U);

  for (const char* text : {"", "[]", R"({"revoked_keys":[]})", R"({"documents":[],"revoked_keys":["AAAA"]})"}) {
    std::ofstream(at("broken"), std::ios::trunc) << text;
    EXPECT_THROW(print_founders({people.string(), at("broken")}, Console{false}), BadInput) << text;
  }
  EXPECT_THROW(print_founders({people.string(), at("nowhere")}, Console{false}), BadInput);
}

}  // namespace
}  // namespace countersign::cli
