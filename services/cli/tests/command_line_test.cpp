#include "cli/command_line.hpp"

#include <gmock/gmock.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <vector>

#include "cli/exit_codes.hpp"

namespace countersign::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// Sets variables for the time of one test.
class CommandLineTest : public ::testing::Test {
 protected:
  void TearDown() override {
    for (const auto& name : set_) ::unsetenv(name.c_str());
  }
  void set(const std::string& name, const std::string& value) {
    ::setenv(name.c_str(), value.c_str(), 1);
    set_.push_back(name);
  }
  std::string file(const std::string& name, const std::string& text) {
    const auto path = folder_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
    return path.string();
  }
  int run(std::vector<const char*> words) {
    words.insert(words.begin(), "countersign");
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    const int code = run_command_line(static_cast<int>(words.size()), words.data());
    out_ = ::testing::internal::GetCapturedStdout();
    told_ = out_ + ::testing::internal::GetCapturedStderr();
    return code;
  }

  const std::filesystem::path folder_ = std::filesystem::path(::testing::TempDir()) / ("cli-" + std::to_string(::getpid()));
  std::string out_, told_;

 private:
  std::vector<std::string> set_;
};

TEST_F(CommandLineTest, AFlagBeatsTheEnvironmentInEveryCommand) {
  set("COUNTERSIGN_DATABASE", "host=127.0.0.1 port=2");
  for (const char* command : {"runs", "handoffs", "dead-letters", "approvals"}) {
    SCOPED_TRACE(command);
    EXPECT_EQ(run({command, "--database", "host=127.0.0.1 port=1"}), exit_unavailable);
    EXPECT_THAT(told_, AllOf(HasSubstr("port 1"), Not(HasSubstr("port 2"))));
    EXPECT_EQ(run({command}), exit_unavailable);
    EXPECT_THAT(told_, HasSubstr("port 2"));
  }
}

TEST_F(CommandLineTest, AFlagBeatsTheEnvironmentForPasswordFilesAndKafka) {
  set("COUNTERSIGN_DATABASE_PASSWORD_FILE", "/nowhere/variable");
  set("COUNTERSIGN_KAFKA_PASSWORD_FILE", "/nowhere/variable");
  set("COUNTERSIGN_KAFKA_SET", "sasl.username=variable");
  run({"runs", "--database-password-file", "/nowhere/flag"});
  EXPECT_THAT(told_, AllOf(HasSubstr("/nowhere/flag"), Not(HasSubstr("/nowhere/variable"))));
  const auto events = file("one.jsonl", R"({"type":"ticket.closed","tenant":"acme","ticket_id":"t-1"})");
  run({"publish", events.c_str(), "--kafka-password-file", "/nowhere/flag"});
  EXPECT_THAT(told_, AllOf(HasSubstr("/nowhere/flag"), Not(HasSubstr("/nowhere/variable"))));
  EXPECT_EQ(run({"publish", events.c_str(), "--kafka-set", "no pair"}), exit_misused);
}

TEST_F(CommandLineTest, SaysInOneLineWhatToSetWhenPostgresDoesNotAnswer) {
  EXPECT_EQ(run({"runs", "--database", "host=127.0.0.1 port=1"}), exit_unavailable);
  EXPECT_THAT(told_, AllOf(HasSubstr("Connection refused"), HasSubstr("--database (COUNTERSIGN_DATABASE)")));
  EXPECT_EQ(std::count(told_.begin(), told_.end(), '\n'), 1) << told_;
}

TEST_F(CommandLineTest, NamesACommandThatThereIsNot) {
  EXPECT_EQ(run({"frob"}), exit_misused);
  EXPECT_THAT(told_, HasSubstr("unknown command frob"));
  EXPECT_EQ(run({"topics", "frob", "--json"}), exit_misused);
  EXPECT_THAT(told_, HasSubstr("unknown command topics frob"));
  EXPECT_EQ(run({"runs", "--frob"}), exit_misused);
}

TEST_F(CommandLineTest, RefusesWhatIsMistypedAsMisuse) {
  EXPECT_EQ(run({"runs", "--stop-reason", "frobbed"}), exit_misused);
  EXPECT_THAT(told_, AllOf(HasSubstr("resolved, draft_ready, denied"), HasSubstr("superseded")));
  EXPECT_EQ(run({"runs", "nope"}), exit_misused);
  EXPECT_EQ(run({"publish", "-", "--rate", "-1"}), exit_misused);
  EXPECT_LT(told_.size(), 300U) << told_;
  EXPECT_EQ(run({"deny", "018f2f5e", "--as", "ada", "--key", "k"}), exit_misused) << "a denial needs a reason";
}

TEST_F(CommandLineTest, CallsAFileThatCannotBeUsedBadInput) {
  EXPECT_EQ(run({"publish", "/nowhere/events.jsonl"}), exit_bad_input);
  EXPECT_THAT(told_, HasSubstr("No such file"));
  EXPECT_EQ(run({"publish", file("empty.jsonl", "\n  \n").c_str()}), exit_bad_input);
  EXPECT_THAT(told_, HasSubstr("holds no event"));
  EXPECT_EQ(run({"publish", folder_.c_str()}), exit_bad_input);
  EXPECT_THAT(told_, HasSubstr("is a folder"));
  EXPECT_EQ(run({"publish", file("wrong.jsonl", "{}\n").c_str()}), exit_bad_input);
  EXPECT_THAT(told_, HasSubstr("1 line is wrong"));
}

TEST_F(CommandLineTest, SaysWhichPlaceholderOfADocumentIsNotFilledIn) {
  file("documents/tool.json", R"({"kind":"tool","url":"@SANDBOX@/x","to":"ada@example.com"})");
  EXPECT_EQ(run({"apply", (folder_ / "documents").c_str(), "--check"}), exit_bad_input);
  EXPECT_THAT(told_, HasSubstr("tool.json: the placeholder @SANDBOX@ is not filled in"));
}

TEST_F(CommandLineTest, ListsItsExitCodesInItsHelp) {
  EXPECT_EQ(run({"--help"}), exit_well);
  EXPECT_THAT(out_, AllOf(HasSubstr("3 conflict"), HasSubstr("64 the command line"), HasSubstr("78 a setting")));
}

}  // namespace
}  // namespace countersign::cli
