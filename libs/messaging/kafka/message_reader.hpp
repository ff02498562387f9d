#pragma once

// MessageReader: fetches single messages by offset, beside and without touching a group's consumption.
//
// Threads    One thread.
// Failure    Throws base::Unavailable when the answer has not come within the settings' request_deadline.

#include <optional>

#include "messaging/kafka/handles.hpp"
#include "messaging/kafka/kafka_settings.hpp"
#include "telemetry/log.hpp"

namespace countersign::messaging::kafka {

class MessageReader {
 public:
  MessageReader(const KafkaSettings& settings, const std::string& group, telemetry::Log* log);
  std::optional<Message> find(const TopicPartition& at, std::int64_t offset);
  bool end(std::chrono::milliseconds deadline) noexcept { return client_.end(deadline); }

 private:
  enum class Answer { waiting, found, absent };
  std::optional<Message> await(const TopicPartition& at, std::int64_t offset, std::chrono::steady_clock::time_point until);
  Answer judge(rd_kafka_event_t* event, const TopicPartition& at, std::int64_t offset, std::optional<Message>& found);

  std::chrono::milliseconds deadline_;
  telemetry::Log* log_;
  Client client_;
};

}  // namespace countersign::messaging::kafka
