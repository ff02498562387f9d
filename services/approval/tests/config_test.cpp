// The settings, and the files they name.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "approval/config.hpp"
#include "approval/tests/scene.hpp"

namespace countersign::approval {
namespace {

class ConfigTest : public ::testing::Test {
 protected:
  ConfigTest() {
    folder = std::filesystem::temp_directory_path() / ("approval-config-" + crypto::base64url_encode(crypto::random_bytes(9)));
    std::filesystem::create_directory(folder);
    EXPECT_TRUE(crypto::write_signing_key_file(key, folder / "key.json"));
    write("anchors.json", R"({"keys":[)" + crypto::to_public_jwk(key.kid, key.pair.public_key) + "]}");
    write("founders.json", R"({"documents":[]})");
  }
  ~ConfigTest() override { std::filesystem::remove_all(folder); }

  void write(const std::string& name, const std::string& text) { std::ofstream(folder / name) << text; }
  std::vector<std::string> mistakes(const std::string& signing_key, const std::string& anchors, const std::string& founders) {
    runtime::Settings settings;
    config.declare(settings);
    return settings.load({"--signing-key-file", folder / signing_key, "--executor-anchors-file", folder / anchors, "--founders-file",
                          folder / founders, "--environment", "test"},
                         {});
  }

  crypto::SigningKey key = testing::new_key("approval-1");
  std::filesystem::path folder;
  Config config;
};

TEST_F(ConfigTest, ReadsItsFiles) {
  EXPECT_TRUE(mistakes("key.json", "anchors.json", "founders.json").empty());
  const auto trust = read_trust(config);
  EXPECT_EQ(trust.signing_key.kid, "approval-1");
  EXPECT_NE(trust.executors.anchors.find("approval-1"), nullptr);
  EXPECT_EQ(trust.executors.environment, "test");
}

TEST_F(ConfigTest, FindsEveryMistakeInThem) {
  write("empty.json", R"({"keys":[]})");
  write("broken.json", "{");
  EXPECT_EQ(mistakes("anchors.json", "empty.json", "broken.json").size(), 3u);
  EXPECT_EQ(mistakes("none.json", "none.json", "none.json").size(), 3u);
  std::filesystem::permissions(folder / "key.json", std::filesystem::perms::all);
  EXPECT_EQ(mistakes("key.json", "anchors.json", "founders.json").size(), 1u);
}

TEST_F(ConfigTest, NeedsThemAll) {
  runtime::Settings settings;
  config.declare(settings);
  EXPECT_EQ(settings.load({}, {}).size(), 3u);
}

}  // namespace
}  // namespace countersign::approval
