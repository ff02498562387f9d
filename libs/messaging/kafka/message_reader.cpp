#include "messaging/kafka/message_reader.hpp"

#include <algorithm>

#include "base/errors.hpp"
#include "messaging/kafka/client_conf.hpp"
#include "messaging/kafka/client_log.hpp"

namespace countersign::messaging::kafka {

using std::chrono::steady_clock;

MessageReader::MessageReader(const KafkaSettings& settings, const std::string& group, telemetry::Log* log)
    : deadline_(settings.request_deadline), log_(log), client_(RD_KAFKA_CONSUMER, reader_conf(settings, group)) {}

std::optional<Message> MessageReader::find(const TopicPartition& at, std::int64_t offset) {
  const auto until = steady_clock::now() + deadline_;
  const auto marks = ask_watermarks(client_.get(), at, deadline_);
  if (offset < marks.low || offset >= marks.high) return std::nullopt;
  assign(client_.get(), list_of({{at, offset}}).get());
  struct Unassign {
    rd_kafka_t* client;
    ~Unassign() { assign(client, nullptr); }
  } unassign{client_.get()};
  return await(at, offset, until);
}

std::optional<Message> MessageReader::await(const TopicPartition& at, std::int64_t offset, steady_clock::time_point until) {
  std::optional<Message> found;
  while (steady_clock::now() < until) {
    const auto event = client_.next_event(rest_until(until));
    if (!event) break;
    const auto answer = judge(event.get(), at, offset, found);
    if (answer != Answer::waiting) return found;
  }
  throw base::Unavailable("Kafka did not deliver " + at.topic + "/" + std::to_string(at.partition) + " offset " + std::to_string(offset) +
                          " in time");
}

MessageReader::Answer MessageReader::judge(rd_kafka_event_t* event, const TopicPartition& at, std::int64_t offset,
                                           std::optional<Message>& found) {
  if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_FETCH) {
    const auto* raw = rd_kafka_event_message_next(event);
    if (raw == nullptr || raw->err != RD_KAFKA_RESP_ERR_NO_ERROR) return Answer::waiting;
    auto message = message_of(*raw);
    if (message.at != at || message.offset < offset) return Answer::waiting;
    if (message.offset > offset) return Answer::absent;  // the log was compacted or truncated under us
    found = std::move(message);
    return Answer::found;
  }
  if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_LOG) {
    forward_log(log_, event);
    return Answer::waiting;
  }
  const auto error = rd_kafka_event_error(event);
  if (error == RD_KAFKA_RESP_ERR__PARTITION_EOF || error == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET) return Answer::absent;
  if (is_refusal(error)) throw base::Unavailable("Kafka refuses to let this user read " + at.topic + ": " + text_of(error));
  return Answer::waiting;
}

}  // namespace countersign::messaging::kafka
