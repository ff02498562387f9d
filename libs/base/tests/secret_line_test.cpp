#include "base/secret_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/errors.hpp"

namespace countersign::base {

using ::testing::AllOf;
using ::testing::HasSubstr;

class SecretLineTest : public ::testing::Test {
 protected:
  SecretLineTest() { std::filesystem::create_directories(folder); }
  ~SecretLineTest() override { std::filesystem::remove_all(folder); }

  std::string write(const std::string& content) const {
    std::ofstream(folder / "password", std::ios::binary) << content;
    return folder / "password";
  }
  static std::string mistake(const std::string& path) {
    try {
      read_secret_line(path, "the password file");
    } catch (const Misconfigured& error) {
      return error.what();
    }
    return "";
  }

  std::filesystem::path folder = std::filesystem::temp_directory_path() / ("countersign-secret-line-" + std::to_string(getpid()));
};

TEST_F(SecretLineTest, IsTheFirstLineWithoutItsEnd) {
  for (const char* content : {"pass word", "pass word\n", "pass word\r\nsecond\n"})
    EXPECT_EQ(read_secret_line(write(content), "the password file").reveal(), "pass word") << content;
}

TEST_F(SecretLineTest, IsAMistakeWhenThereIsNone) {
  EXPECT_THAT(mistake(folder / "absent"), AllOf(HasSubstr("the password file " + (folder / "absent").string()), HasSubstr("No such file")));
  EXPECT_THAT(mistake(folder), HasSubstr("Is a directory"));
  for (const char* content : {"", "\n", "\r\nsecond\n"}) EXPECT_THAT(mistake(write(content)), HasSubstr("is empty")) << content;
}

// The memory at address 0, which nobody has: EIO.
TEST_F(SecretLineTest, IsUnavailableWhenReadingFails) {
  EXPECT_THROW(read_secret_line("/proc/self/mem", "the password file"), Unavailable);
}

}  // namespace countersign::base
