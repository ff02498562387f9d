#include "cli/people.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "cli/apply.hpp"
#include "cli/exit_codes.hpp"
#include "cli/keys.hpp"
#include "schema/testing/fleet_database.hpp"

namespace countersign::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// Ada and Bob came first; Cleo is to be the third.
class PeopleTest : public ::testing::Test {
 protected:
  PeopleTest() {
    reach_.database = database_.settings().conninfo;
    fs::remove_all(folder_);
    fs::create_directories(folder_ / "first");
    write("first/tenant.json", {{"kind", "tenant"}, {"name", "acme"}, {"version", 1}, {"display_name", "Acme"}});
    for (const char* name : {"ada", "bob"}) write(std::string("first/") + name + ".json", person(name));
    write("cleo.json", person("cleo"));
  }
  ~PeopleTest() override { fs::remove_all(folder_); }

  std::string at(const std::string& name) const { return (folder_ / name).string(); }
  void write(const std::string& name, const json& document) { std::ofstream(at(name)) << document; }
  template <typename Run>
  std::string output_of(Run run) {
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    code_ = run();
    told_ = ::testing::internal::GetCapturedStderr();
    return ::testing::internal::GetCapturedStdout();
  }
  json person(const std::string& name) {
    const auto key = json::parse(output_of([&] { return make_key({name + "-1", at(name + ".jwk")}, Console{true}); }));
    return {{"kind", "person"},
            {"tenant", "acme"},
            {"name", name},
            {"version", 1},
            {"display_name", name},
            {"roles", {"approver"}},
            {"identities", json::array()},
            {"keys", {{{"kid", key.at("kid")}, {"x", key.at("x")}}}},
            {"aliases", json::array()}};
  }
  int apply_folder(const std::string& folder) {
    output_of([&] { return apply(reach_, {folder, false}, Console{false}); });
    return code_;
  }
  std::string sign(const std::string& name, const std::string& environment = "demo") {
    const auto token = output_of([&] { return sign_document({at("cleo.json"), name, at(name + ".jwk"), environment}, Console{false}); });
    const auto file = at(name + ".jws");
    std::ofstream(file) << token;
    return file;
  }
  int register_cleo(const std::vector<std::string>& signatures) {
    output_of([&] { return register_document(reach_, {"person", at("cleo.json"), signatures, "demo", ""}, Console{false}); });
    return code_;
  }

  postgres::testing::ScratchDatabase database_{schema::fleet_blueprint()};
  const fs::path folder_ = fs::path(::testing::TempDir()) / ("people-" + std::to_string(::getpid()));
  Reach reach_;
  int code_ = -1;
  std::string told_;
};

TEST_F(PeopleTest, ATenantsFirstTwoAreAppliedAndTheThirdNeedsTheirSignatures) {
  ASSERT_EQ(apply_folder(at("first")), exit_well) << told_;
  fs::create_directories(folder_ / "later");
  fs::copy(at("cleo.json"), at("later/cleo.json"));
  EXPECT_EQ(apply_folder(at("later")), exit_bad_input);
  EXPECT_THAT(told_, ::testing::HasSubstr("needs_signatures"));
  EXPECT_EQ(register_cleo({sign("ada"), sign("bob")}), exit_well) << told_;
}

TEST_F(PeopleTest, OneSignatureTwiceOrForAnotherDeploymentIsNotEnough) {
  ASSERT_EQ(apply_folder(at("first")), exit_well) << told_;
  const auto ada = sign("ada");
  EXPECT_EQ(register_cleo({ada, ada}), exit_not_well);
  EXPECT_EQ(register_cleo({ada, sign("bob", "production")}), exit_not_well);
  EXPECT_THAT(told_, ::testing::HasSubstr("signatures_insufficient"));
}

TEST_F(PeopleTest, RefusesAFileOfAnotherKind) {
  EXPECT_THROW(register_document(reach_, {"issuer", at("cleo.json"), {}, "demo", ""}, Console{false}), BadInput);
  EXPECT_THROW(register_document(reach_, {"person", at("nobody.json"), {}, "demo", ""}, Console{false}), BadInput);
}

}  // namespace
}  // namespace countersign::cli
