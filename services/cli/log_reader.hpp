#pragma once

// LogReader: reads stretches of topics for a person, beside the services and without disturbing them.
//
// It joins a group of its own that nobody else is in, so that it is given every partition, and commits nothing.
//
// Threads    One thread.
// Failure    Throws base::Unavailable when Kafka does not answer in time or a stretch is gone while it is read, base::Misconfigured when a
//            topic does not exist.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "messaging/kafka/kafka_broker.hpp"

namespace countersign::cli {

class LogReader {
 public:
  // Waits until the group has given it the partitions.
  LogReader(const messaging::KafkaSettings& settings, const std::vector<std::string>& topics);

  const std::vector<messaging::TopicPartition>& partitions() const noexcept { return partitions_; }
  messaging::Watermarks watermarks(const messaging::TopicPartition& at) { return consumer_->watermarks(at); }
  std::optional<messaging::Message> find(const messaging::TopicPartition& at, std::int64_t offset) {
    return consumer_->find_message(at, offset);
  }

  // First offset and the one behind the last.
  using Stretch = std::pair<std::int64_t, std::int64_t>;
  void read(const std::map<messaging::TopicPartition, Stretch>& stretches, const std::function<void(const messaging::Message&)>& each);

 private:
  void await_partitions();

  messaging::KafkaBroker broker_;
  std::unique_ptr<messaging::Consumer> consumer_;
  std::vector<messaging::TopicPartition> partitions_;
};

// `topic` and every `topic.REALM` that exist.
std::vector<std::string> topics_of_all_realms(const messaging::KafkaSettings& settings, const std::string& topic);

}  // namespace countersign::cli
