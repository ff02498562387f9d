#pragma once

// KafkaConsumer: a Consumer on librdkafka's event queue.
//
// librdkafka's own offset store and commits play no part: it is given a position for every partition it reads, and whenever that set
// changes it is given all of it again. That throws prefetched messages away, which is cheap because it happens at rebalances and repairs
// only, and it leaves one place where a position can be wrong.
//
// Failure    close() leaves an instance behind that does not end within the deadline.

#include <map>
#include <optional>

#include "messaging/consumer.hpp"
#include "messaging/kafka/handles.hpp"
#include "messaging/kafka/kafka_settings.hpp"
#include "messaging/kafka/message_reader.hpp"

namespace countersign::messaging::kafka {

class KafkaConsumer final : public Consumer {
 public:
  KafkaConsumer(const KafkaSettings& settings, const ConsumerOptions& options, telemetry::Log* log);
  ~KafkaConsumer() override;

  Event poll(std::chrono::milliseconds wait) override;
  void begin(const std::vector<Position>& positions) override;
  void end(const std::vector<TopicPartition>& partitions) override;
  void seek(const Position& position) override;
  Watermarks watermarks(const TopicPartition& partition) override;
  std::optional<Message> find_message(const TopicPartition& partition, std::int64_t offset) override;
  void note_progress(const std::vector<Position>& positions) override;
  void close(std::chrono::milliseconds deadline) override;

 private:
  std::optional<Event> translate(rd_kafka_event_t* event);
  std::optional<Event> translate_message(rd_kafka_event_t* event);
  std::optional<Event> translate_rebalance(rd_kafka_event_t* event);
  Event translate_error(rd_kafka_event_t* event) const;
  void fetch_what_is_read();
  void leave_group(std::chrono::steady_clock::time_point until);

  KafkaSettings settings_;
  ConsumerOptions options_;
  telemetry::Log* log_;
  Client client_;
  std::optional<MessageReader> reader_;
  std::map<TopicPartition, std::int64_t> next_;  // of every partition that is read: the offset to deliver next
  bool answer_owed_ = false;                     // an Assigned was polled, and librdkafka waits for assign()
  bool asked_back_ = false;                      // a Revoked was polled, and librdkafka waits for the unassign
};

}  // namespace countersign::messaging::kafka
