#include "postgres/settings.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

#include "base/errors.hpp"

namespace countersign::postgres {
namespace {

std::string value_of(const ConnectionSettings& settings, const std::string& keyword) {
  for (const auto& [name, value] : connection_options(settings)) {
    if (name == keyword) return value;
  }
  return "(absent)";
}

TEST(SettingsTest, FillsInWhatTheConnectionStringLeavesOpen) {
  ConnectionSettings settings;
  settings.conninfo = "host=somewhere";
  settings.application_name = "planner";
  EXPECT_EQ(value_of(settings, "host"), "somewhere");
  EXPECT_EQ(value_of(settings, "application_name"), "planner");
  EXPECT_EQ(value_of(settings, "connect_timeout"), "5");
  EXPECT_NE(value_of(settings, "tcp_user_timeout"), "(absent)");
  EXPECT_NE(value_of(settings, "options").find("-c statement_timeout=5000 "), std::string::npos);
  EXPECT_NE(value_of(settings, "options").find("-c TimeZone=UTC "), std::string::npos);
}

TEST(SettingsTest, LetsTheConnectionStringWin) {
  ConnectionSettings settings;
  settings.conninfo = "postgresql://u:secret@h/d?connect_timeout=9&application_name=mine&options=-c%20lock_timeout%3D7";
  settings.password_file = "/nowhere";
  EXPECT_EQ(value_of(settings, "connect_timeout"), "9");
  EXPECT_EQ(value_of(settings, "application_name"), "mine");
  EXPECT_EQ(value_of(settings, "password"), "secret");
  const std::string options = value_of(settings, "options");
  EXPECT_GT(options.find("-c lock_timeout=7"), options.find("-c lock_timeout=2000"));
}

TEST(SettingsTest, QuotesTheSearchPath) {
  ConnectionSettings settings;
  settings.search_path = "plan ner, odd\"one";
  EXPECT_NE(value_of(settings, "options").find("-c search_path=\"plan\\ ner\",\"odd\"\"one\" "), std::string::npos);
}

TEST(SettingsTest, ReadsThePasswordFromTheFirstLine) {
  const std::string file = ::testing::TempDir() + "postgres_settings_test_password";
  std::ofstream(file) << "pass word\r\nsecond\n";
  ConnectionSettings settings;
  settings.password_file = file;
  EXPECT_EQ(value_of(settings, "password"), "pass word");
  std::remove(file.c_str());
}

TEST(SettingsTest, RefusesWhatCannotBeRead) {
  ConnectionSettings settings;
  settings.password_file = "/nowhere/at/all";
  EXPECT_THROW(connection_options(settings), base::Misconfigured);
  settings = {};
  settings.conninfo = "host=a nonsense";
  EXPECT_THROW(connection_options(settings), base::Misconfigured);
}

TEST(SettingsTest, IsUnavailableWhenReadingThePasswordFileFails) {
  ConnectionSettings settings;
  settings.password_file = "/proc/self/mem";  // EIO
  EXPECT_THROW(connection_options(settings), base::Unavailable);
}

TEST(SettingsTest, ChangesOneKeyword) {
  const std::string text = with_option("postgresql://u@h/d", "dbname", "it's \\ here");
  EXPECT_EQ(option_of(text, "dbname"), "it's \\ here");
  EXPECT_EQ(option_of(text, "user"), "u");
  EXPECT_EQ(option_of(with_option(text, "port", "7"), "port"), "7");
}

}  // namespace
}  // namespace countersign::postgres
