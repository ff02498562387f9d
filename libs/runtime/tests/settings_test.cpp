#include "runtime/settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "runtime/service_settings.hpp"

namespace countersign::runtime {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using Strings = std::vector<std::string>;

struct Example {
  std::string bootstrap;
  int lanes = -1;
  std::chrono::milliseconds wait{};
  bool shadow = false;
  Settings::Pairs set;
  Settings settings;

  Example() {
    settings.text(bootstrap, "kafka-bootstrap", "Brokers.", "127.0.0.1:9092", not_empty);
    settings.integer(lanes, "lanes", "Lanes.", 8, 1, 64);
    settings.duration(wait, "wait", "Waiting.", 5s, 10ms, 1min);
    settings.flag(shadow, "shadow", "Shadow mode.");
    settings.pairs(set, "kafka-set", "More.");
  }
  Strings load(const Strings& arguments, const Environment& environment = {}) { return settings.load(arguments, environment); }
};

TEST(SettingsTest, DefaultsHoldWhenNothingIsSaid) {
  Example example;
  EXPECT_THAT(example.load({}), IsEmpty());
  EXPECT_EQ(example.bootstrap, "127.0.0.1:9092");
  EXPECT_EQ(example.lanes, 8);
  EXPECT_EQ(example.wait, 5s);
  EXPECT_FALSE(example.shadow);
  EXPECT_THAT(example.set, IsEmpty());
}

TEST(SettingsTest, TellsAWrongCommandLineFromAWrongSetting) {
  for (const Strings& arguments : {Strings{"--nonsense", "1"}, Strings{"stray"}, Strings{"--lanes", "4", "--lanes", "5"}}) {
    Example example;
    EXPECT_THAT(example.load(arguments), ::testing::Not(IsEmpty()));
    EXPECT_EQ(example.settings.misused(), arguments.front() != "--lanes");
  }
  Example example;
  EXPECT_THAT(example.load({"--lanes", "none"}), ::testing::Not(IsEmpty()));
  EXPECT_FALSE(example.settings.misused());
}

TEST(SettingsTest, AFlagBeatsTheEnvironmentWhichBeatsTheDefault) {
  Example example;
  EXPECT_THAT(
      example.load({"--lanes", "4"}, {{"COUNTERSIGN_LANES", "5"}, {"COUNTERSIGN_WAIT", "250ms"}, {"COUNTERSIGN_KAFKA_BOOTSTRAP", ""}}),
      IsEmpty());
  EXPECT_EQ(example.lanes, 4);
  EXPECT_EQ(example.wait, 250ms);
  EXPECT_EQ(example.bootstrap, "127.0.0.1:9092");
  EXPECT_EQ(example.settings.print(),
            "kafka-bootstrap=127.0.0.1:9092   # from default\n"
            "kafka-set=   # from default\n"
            "lanes=4   # from flag\n"
            "shadow=false   # from default\n"
            "wait=250ms   # from environment\n");
}

TEST(SettingsTest, FlagsNeedNoValue) {
  for (const auto& [argument, expected] :
       std::map<std::string, bool>{{"--shadow", true}, {"--shadow=true", true}, {"--shadow=false", false}}) {
    Example example;
    EXPECT_THAT(example.load({argument, "--lanes=3"}), IsEmpty()) << argument;
    EXPECT_EQ(example.shadow, expected) << argument;
    EXPECT_EQ(example.lanes, 3);
  }
}

TEST(SettingsTest, PairsRepeatAndKeepEverythingAfterTheFirstEqualsSign) {
  Example flags;
  EXPECT_THAT(flags.load({"--kafka-set", "a=b", "--kafka-set", "c=d=e;f", "--kafka-set=g="}), IsEmpty());
  EXPECT_THAT(flags.set, ElementsAre(Pair("a", "b"), Pair("c", "d=e;f"), Pair("g", "")));
  Example variables;
  EXPECT_THAT(variables.load({}, {{"COUNTERSIGN_KAFKA_SET", "a=b;c=d"}}), IsEmpty());
  EXPECT_THAT(variables.set, ElementsAre(Pair("a", "b"), Pair("c", "d")));
}

TEST(SettingsTest, ListsAllMistakesTogether) {
  Example example;
  const auto mistakes = example.load({"--lanes=0", "--wait", "5", "--colour", "red", "--kafka-set=x"}, {{"COUNTERSIGN_SHADOW", "maybe"}});
  EXPECT_THAT(mistakes, ::testing::UnorderedElementsAre(HasSubstr("unknown flag --colour"), HasSubstr("whole number from 1 to 64"),
                                                        HasSubstr("a time such as 250ms"), HasSubstr("name=value"),
                                                        HasSubstr("--shadow (COUNTERSIGN_SHADOW) must be true or false; it is 'maybe'")));
}

class WrongValueTest : public ::testing::TestWithParam<Strings> {};
TEST_P(WrongValueTest, IsAMistake) {
  Example example;
  EXPECT_THAT(example.load(GetParam()), ::testing::SizeIs(::testing::Ge(1U)));
}
INSTANTIATE_TEST_SUITE_P(All, WrongValueTest,
                         ::testing::Values(Strings{"--lanes=65"}, Strings{"--lanes=4x"}, Strings{"--lanes=1e1"}, Strings{"--lanes="},
                                           Strings{"--lanes=99999999999999999999"}, Strings{"--lanes"}, Strings{"--lanes=1", "--lanes=2"},
                                           Strings{"--wait=5"}, Strings{"--wait=-5s"}, Strings{"--wait=1ms"}, Strings{"--wait=2m"},
                                           Strings{"--wait=5 s"}, Strings{"--wait=s"}, Strings{"--wait=99999999999h"},
                                           Strings{"--kafka-bootstrap="}, Strings{"--shadow=perhaps"}, Strings{"--kafka-set==b"},
                                           Strings{"stray"}, Strings{"-x"}, Strings{"--Lanes=3"}));

TEST(SettingsTest, RelationsAreCheckedOnceEachValueIsRight) {
  Example example;
  example.settings.relation([&] { return example.lanes < 5 && example.shadow ? "shadow needs 5 lanes" : ""; });
  EXPECT_THAT(example.load({"--lanes=4", "--shadow"}), ElementsAre("shadow needs 5 lanes"));
}

TEST(SettingsTest, WarnsOfVariablesItDoesNotKnow) {
  Example example;
  EXPECT_THAT(example.load({}, {{"COUNTERSIGN_LANE", "5"}, {"COUNTERSIGN_CRASH_AT", "x:1"}, {"HOME", "/"}}), IsEmpty());
  EXPECT_THAT(example.settings.warnings(), ElementsAre(HasSubstr("COUNTERSIGN_LANE ")));
}

class SecretFileTest : public ::testing::Test {
 protected:
  SecretFileTest() {
    folder = std::filesystem::temp_directory_path() / ("countersign-settings-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "good") << "s3cret word\n";
    std::ofstream(folder / "empty") << "\n";
  }
  ~SecretFileTest() override { std::filesystem::remove_all(folder); }
  std::filesystem::path folder;
  base::Secret secret;
  Settings settings;
};

TEST_F(SecretFileTest, IsReadWithoutItsNewlineAndNeverPrinted) {
  settings.secret_file(secret, "key-file", "Key.");
  EXPECT_THAT(settings.load({"--key-file", folder / "good"}, {}), IsEmpty());
  EXPECT_EQ(secret.reveal(), "s3cret word");
  EXPECT_THAT(settings.print(), Not(HasSubstr("s3cret")));
}

TEST_F(SecretFileTest, MustExistAndHoldSomething) {
  settings.secret_file(secret, "key-file", "Key.");
  EXPECT_THAT(settings.load({"--key-file", folder / "absent"}, {}), ElementsAre(HasSubstr("can read")));
  Settings again;
  again.secret_file(secret, "key-file", "Key.");
  EXPECT_THAT(again.load({"--key-file", folder / "empty"}, {}), ElementsAre(HasSubstr("not empty")));
}

TEST(MaskTest, HidesWhatConnectionStringsCarry) {
  const std::pair<const char*, const char*> cases[] = {
      {"host=a password=x dbname=b", "host=a password=******** dbname=b"},
      {"host=a password = 'x y\\' z' dbname=b", "host=a password = ******** dbname=b"},
      {"sslpassword=x", "sslpassword=********"},
      {"postgresql://user:x@host/db?sslmode=require", "postgresql://user:********@host/db?sslmode=require"},
      {"postgresql://host/db?password=x&user=b", "postgresql://host/db?password=********&user=b"},
      {"host=a passfile=/run/p user=token", "host=a passfile=/run/p user=token"},
      {"127.0.0.1:9092,127.0.0.1:9093", "127.0.0.1:9092,127.0.0.1:9093"},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(mask_secrets(text), expected);
}

class ServiceSettingsTest : public ::testing::Test {
 protected:
  ServiceSettingsTest() { declare_service_settings(settings, common, "planner"); }
  ServiceSettings common;
  Settings settings;
};

TEST_F(ServiceSettingsTest, HaveDefaultsThatWork) {
  EXPECT_THAT(settings.load({}, {}), IsEmpty());
  EXPECT_EQ(common.instance, "planner-0");
  EXPECT_EQ(common.stop_deadline, 10s);
}

TEST_F(ServiceSettingsTest, RefusePasswordsInFlags) {
  EXPECT_THAT(settings.load({"--database=host=a password=x", "--kafka-set=sasl.password=y z"}, {}),
              ElementsAre(HasSubstr("--database-password-file"), HasSubstr("--kafka-password-file")));
  EXPECT_THAT(settings.print(), Not(::testing::ContainsRegex("=(x|y z)")));
}

TEST_F(ServiceSettingsTest, TakePasswordsFromTheEnvironmentAndMaskThem) {
  EXPECT_THAT(settings.load({}, {{"COUNTERSIGN_DATABASE", "host=a password=x"}, {"COUNTERSIGN_KAFKA_SET", "sasl.password=y z"}}),
              IsEmpty());
  EXPECT_THAT(settings.print(), HasSubstr("database=host=a password=********   # from environment\n"));
  EXPECT_THAT(settings.print(), HasSubstr("kafka-set=sasl.password=********   # from environment\n"));
}

TEST_F(ServiceSettingsTest, TheInstanceIsAPlainName) {
  EXPECT_THAT(settings.load({"--instance", "a b"}, {}), ElementsAre(HasSubstr("letters, digits")));
}

}  // namespace
}  // namespace countersign::runtime
