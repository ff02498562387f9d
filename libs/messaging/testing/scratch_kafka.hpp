#pragma once

// ScratchKafka: a private Kafka broker for tests, started with the first use in a process and ended with it.
//
// The broker is deploy/kafka/run with the jars in $COUNTERSIGN_KAFKA_JARS or build/cache/kafka, fetched when missing. With
// $COUNTERSIGN_TEST_KAFKA (host:port) that cluster is used instead, as $COUNTERSIGN_TEST_KAFKA_USER with $COUNTERSIGN_TEST_KAFKA_PASSWORD.
//
// Threads    Every function may be called from any thread, but the first call must come from one that lives as long as the tests do.
// Failure    Throws std::runtime_error when no broker can be had.

#include <string>
#include <vector>

#include "messaging/consumer.hpp"
#include "messaging/kafka/kafka_settings.hpp"

namespace countersign::messaging {

class ScratchKafka {
 public:
  static ScratchKafka& shared();
  ~ScratchKafka();
  ScratchKafka(const ScratchKafka&) = delete;
  ScratchKafka& operator=(const ScratchKafka&) = delete;

  const std::string& bootstrap() const { return bootstrap_; }
  // As the super user, with waits short enough for tests.
  KafkaSettings settings() const;
  // As one of users(), who may do nothing until granted something.
  KafkaSettings settings(const std::string& user) const;
  // The service principals and `stranger`; none on a cluster that is not ours.
  const std::vector<std::string>& users() const { return users_; }

  // A name nobody else has.
  std::string fresh_name(const std::string& beginning);
  void create_topic(const std::string& name, std::int32_t partitions);
  // Drops what is older than `low`, as retention does.
  void truncate(const TopicPartition& at, std::int64_t low);
  // Deletes the topic and makes it anew, empty.
  void recreate_topic(const std::string& name, std::int32_t partitions);

 private:
  ScratchKafka();
  void start_private();

  std::string bootstrap_;
  std::string user_ = "admin";
  std::string password_ = "admin";
  std::vector<std::string> users_;
  int pid_ = 0;
};

}  // namespace countersign::messaging
