#include "messaging/kafka/kafka_settings.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/errors.hpp"
#include "messaging/kafka/client_conf.hpp"
#include "messaging/kafka/kafka_broker.hpp"

namespace countersign::messaging {

namespace {

std::string complaint_about(const KafkaSettings& settings) {
  try {
    KafkaBroker broker(settings);
  } catch (const base::Misconfigured& error) {
    return error.what();
  }
  return "";
}

std::string value_of(const kafka::Conf& conf, const char* name) {
  char value[512] = {};
  std::size_t size = sizeof value;
  return rd_kafka_conf_get(conf.get(), name, value, &size) == RD_KAFKA_CONF_OK ? value : "<unknown>";
}

}  // namespace

TEST(KafkaSettingsTest, NamesThePropertyThatIsNotAccepted) {
  EXPECT_THAT(complaint_about({.bootstrap = "localhost:1", .extra = {{"no.such.property", "1"}}}), testing::HasSubstr("no.such.property"));
  EXPECT_THAT(complaint_about({.bootstrap = "localhost:1", .extra = {{"security.protocol", "magic"}}}),
              testing::HasSubstr("security.protocol"));
  EXPECT_EQ(complaint_about({.bootstrap = "localhost:1", .extra = {{"linger.ms", "5"}, {"fetch.wait.max.ms", "50"}}}), "");
}

TEST(KafkaSettingsTest, KeepsWhatPromisesRestOnClosed) {
  for (const auto* name : {"enable.idempotence", "auto.offset.reset", "partitioner", "enable.auto.commit", "group.id"}) {
    EXPECT_THAT(complaint_about({.bootstrap = "localhost:1", .extra = {{name, "true"}}}), testing::HasSubstr(name));
  }
}

TEST(KafkaSettingsTest, ReadsThePasswordFromAFileAndNeverSaysIt) {
  const auto file = std::filesystem::temp_directory_path() / ("countersign-password-" + std::to_string(::getpid()));
  std::ofstream(file) << "hunter2\nsecond line\n";
  KafkaSettings settings{.bootstrap = "localhost:1", .extra = {{"sasl.mechanisms", "PLAIN"}}, .password_file = file.string()};
  EXPECT_EQ(value_of(kafka::producer_conf(settings), "sasl.password"), "hunter2");
  std::filesystem::remove(file);
  EXPECT_THAT(complaint_about(settings), testing::HasSubstr(file.string()));
}

TEST(KafkaSettingsTest, IsUnavailableWhenReadingThePasswordFileFails) {
  const KafkaSettings settings{.bootstrap = "localhost:1", .password_file = "/proc/self/mem"};  // EIO
  EXPECT_THROW(kafka::producer_conf(settings), base::Unavailable);
}

TEST(KafkaSettingsTest, LeavesCompressionOffAndLingerZeroUnlessTheSiteSaysOtherwise) {
  EXPECT_EQ(value_of(kafka::producer_conf({.bootstrap = "localhost:1"}), "compression.type"), "none");
  EXPECT_EQ(value_of(kafka::producer_conf({.bootstrap = "localhost:1"}), "linger.ms"), "0");
  EXPECT_EQ(value_of(kafka::producer_conf({.bootstrap = "localhost:1", .extra = {{"compression.type", "lz4"}}}), "compression.type"),
            "lz4");
}

}  // namespace countersign::messaging
