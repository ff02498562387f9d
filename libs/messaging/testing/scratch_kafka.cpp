#include "messaging/testing/scratch_kafka.hpp"

#include <unistd.h>

#include <atomic>
#include <cstdlib>

#include "messaging/kafka/client_conf.hpp"
#include "messaging/kafka/kafka_admin.hpp"
#include "messaging/kafka/topic_facts.hpp"
#include "messaging/testing/broker_process.hpp"

namespace countersign::messaging {

namespace {

using namespace kafka;
using std::chrono::steady_clock;

using DeleteRecords = std::unique_ptr<rd_kafka_DeleteRecords_t, Destroy<rd_kafka_DeleteRecords_destroy>>;
using DeleteTopic = std::unique_ptr<rd_kafka_DeleteTopic_t, Destroy<rd_kafka_DeleteTopic_destroy>>;

constexpr std::chrono::seconds patience{20};

const char* from_environment(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : otherwise;
}

void await_answer(rd_kafka_queue_t* queue, const std::string& what) {
  const QueueEvent event(rd_kafka_queue_poll(queue, static_cast<int>(std::chrono::milliseconds(patience).count())));
  const auto error = event ? rd_kafka_event_error(event.get()) : RD_KAFKA_RESP_ERR__TIMED_OUT;
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) throw std::runtime_error(what + ": " + text_of(error));
}

}  // namespace

ScratchKafka& ScratchKafka::shared() {
  static ScratchKafka kafka;
  return kafka;
}

ScratchKafka::ScratchKafka() {
  if (const char* given = from_environment("COUNTERSIGN_TEST_KAFKA", nullptr)) {
    bootstrap_ = given;
    user_ = from_environment("COUNTERSIGN_TEST_KAFKA_USER", "admin");
    password_ = from_environment("COUNTERSIGN_TEST_KAFKA_PASSWORD", "admin");
    return;
  }
  users_ = {"planner", "executor", "approval", "outbox", "relay", "gateway", "upstream", "issuer", "stranger"};
  start_private();
}

ScratchKafka::~ScratchKafka() { testing::end_broker_process(pid_); }

void ScratchKafka::start_private() {
  const std::string source = COUNTERSIGN_SOURCE_DIR;
  const std::string jars = from_environment("COUNTERSIGN_KAFKA_JARS", (source + "/build/cache/kafka").c_str());
  const auto broker = testing::start_broker_process(source + "/deploy/kafka", jars, users_);
  pid_ = broker.pid;
  bootstrap_ = "127.0.0.1:" + std::to_string(broker.port);
}

KafkaSettings ScratchKafka::settings() const {
  return {.bootstrap = bootstrap_,
          .extra = {{"security.protocol", "sasl_plaintext"},
                    {"sasl.mechanisms", "PLAIN"},
                    {"sasl.username", user_},
                    {"sasl.password", password_},
                    {"heartbeat.interval.ms", "100"},
                    {"topic.metadata.propagation.max.ms", "1000"}},
          .request_deadline = std::chrono::seconds{10}};
}

KafkaSettings ScratchKafka::settings(const std::string& user) const {
  auto settings = this->settings();
  settings.extra["sasl.username"] = user;
  settings.extra["sasl.password"] = user;
  return settings;
}

std::string ScratchKafka::fresh_name(const std::string& beginning) {
  static std::atomic<int> next{0};
  const auto moment = std::chrono::system_clock::now().time_since_epoch().count();
  return beginning + "-" + std::to_string(::getpid()) + "-" + std::to_string(moment) + "-" + std::to_string(next++);
}

void ScratchKafka::create_topic(const std::string& name, std::int32_t partitions) {
  KafkaAdmin(settings()).create_topics({{.name = name, .partitions = partitions}});
}

void ScratchKafka::truncate(const TopicPartition& at, std::int64_t low) {
  const Client client(RD_KAFKA_PRODUCER, asker_conf(settings()));
  const auto before = list_of({{at, low}});
  DeleteRecords request(rd_kafka_DeleteRecords_new(before.get()));
  auto* raw = request.get();
  const Queue queue(rd_kafka_queue_new(client.get()));
  rd_kafka_DeleteRecords(client.get(), &raw, 1, nullptr, queue.get());
  await_answer(queue.get(), "truncating " + at.topic);
}

void ScratchKafka::recreate_topic(const std::string& name, std::int32_t partitions) {
  const Client client(RD_KAFKA_PRODUCER, asker_conf(settings()));
  const DeleteTopic request(rd_kafka_DeleteTopic_new(name.c_str()));
  auto* raw = request.get();
  const Queue queue(rd_kafka_queue_new(client.get()));
  rd_kafka_DeleteTopics(client.get(), &raw, 1, nullptr, queue.get());
  await_answer(queue.get(), "deleting " + name);
  const auto until = steady_clock::now() + patience;
  while (ask_topics(client, patience).contains(name) && steady_clock::now() < until) client.next_event(std::chrono::milliseconds{20});
  create_topic(name, partitions);
}

}  // namespace countersign::messaging
