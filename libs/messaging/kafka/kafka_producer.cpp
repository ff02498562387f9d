#include "messaging/kafka/kafka_producer.hpp"

#include <algorithm>
#include <utility>

#include "messaging/kafka/client_conf.hpp"
#include "messaging/kafka/client_log.hpp"

namespace countersign::messaging::kafka {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

bool purged(rd_kafka_resp_err_t error) { return error == RD_KAFKA_RESP_ERR__PURGE_QUEUE || error == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT; }

// Whether the same record can ever be accepted without somebody changing it, the topic or the grants.
bool retry_helps(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_MSG:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR__INVALID_ARG:
      return false;
    default:
      return !is_refusal(error);
  }
}

MessageHeaders headers_for(const Record& record) {
  if (record.headers.empty()) return nullptr;
  MessageHeaders headers(rd_kafka_headers_new(record.headers.size()));
  for (const auto& [name, value] : record.headers) {
    rd_kafka_header_add(headers.get(), name.data(), static_cast<ssize_t>(name.size()), value.data(), static_cast<ssize_t>(value.size()));
  }
  return headers;
}

// A null pointer means null to librdkafka, whatever the length.
std::pair<const char*, std::size_t> bytes_of(const std::optional<std::string>& bytes) {
  if (!bytes) return {nullptr, 0};
  return {bytes->data(), bytes->size()};
}

}  // namespace

KafkaProducer::KafkaProducer(const KafkaSettings& settings, std::vector<std::string> warm, telemetry::Log* log)
    : settings_(settings), warm_(std::move(warm)), log_(log) {
  start_session();
}

KafkaProducer::~KafkaProducer() { topics_.clear(); }

void KafkaProducer::start_session() {
  client_ = Client(RD_KAFKA_PRODUCER, producer_conf(settings_));
  for (const auto& topic : warm_) topics_.emplace_back(rd_kafka_topic_new(client_.get(), topic.c_str(), nullptr));
  if (topics_.empty()) return;
  // Without an answer the leaders become known in the background, as for any topic.
  const rd_kafka_metadata_t* known = nullptr;
  rd_kafka_metadata(client_.get(), 0, nullptr, &known, static_cast<int>(settings_.request_deadline.count()));
  Metadata owner(known);
}

bool KafkaProducer::offer(const Record& record) {
  if (client_ && fatally_failed()) take_event(milliseconds{0});
  if (!client_) start_session();
  const auto slot = under_way_.enter(record.token);
  const auto error = enqueue(record, slot);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return true;
  under_way_.leave(slot);
  if (error == RD_KAFKA_RESP_ERR__QUEUE_FULL) return false;
  ready_.push_back(judge(record.token, record.topic, error));
  return true;
}

rd_kafka_resp_err_t KafkaProducer::enqueue(const Record& record, std::size_t slot) {
  auto headers = headers_for(record);
  const auto [key, key_size] = bytes_of(record.key);
  const auto [value, value_size] = bytes_of(record.value);
  // The flag RD_KAFKA_MSG_F_COPY makes librdkafka take a copy; its parameters are not const only because other flags take ownership.
  const auto error =
      rd_kafka_producev(client_.get(), RD_KAFKA_V_TOPIC(record.topic.c_str()), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                        RD_KAFKA_V_KEY(const_cast<char*>(key), key_size), RD_KAFKA_V_VALUE(const_cast<char*>(value), value_size),
                        RD_KAFKA_V_HEADERS(headers.get()), RD_KAFKA_V_OPAQUE(reinterpret_cast<void*>(slot)), RD_KAFKA_V_END);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) [[maybe_unused]]
    auto* taken = headers.release();
  return error;
}

std::vector<Receipt> KafkaProducer::receipts(milliseconds wait) {
  const auto until = steady_clock::now() + wait;
  while (client_ && ready_.empty() && !under_way_.empty()) {
    const auto rest = std::chrono::ceil<milliseconds>(until - steady_clock::now());
    if (!take_event(std::max(rest, milliseconds{0})) && rest <= milliseconds{0}) break;
  }
  while (client_ && take_event(milliseconds{0})) {
  }
  return std::exchange(ready_, {});
}

bool KafkaProducer::flush(milliseconds deadline) {
  const auto until = steady_clock::now() + deadline;
  while (client_ && !under_way_.empty() && steady_clock::now() < until) {
    take_event(std::min(std::chrono::ceil<milliseconds>(until - steady_clock::now()), milliseconds{50}));
  }
  return under_way_.empty();
}

bool KafkaProducer::take_event(milliseconds wait) {
  if (fatally_failed()) {
    char why[512] = {};
    const auto error = rd_kafka_fatal_error(client_.get(), why, sizeof why);
    end_session(error, why);
    return true;
  }
  const auto event = client_.next_event(wait);
  if (!event) return false;
  switch (rd_kafka_event_type(event.get())) {
    case RD_KAFKA_EVENT_DR:
      take_reports(event.get());
      break;
    case RD_KAFKA_EVENT_LOG:
      forward_log(log_, event.get());
      break;
    case RD_KAFKA_EVENT_ERROR:
      forward_error(log_, event.get());
      break;
    default:
      break;
  }
  return true;
}

bool KafkaProducer::fatally_failed() const { return rd_kafka_fatal_error(client_.get(), nullptr, 0) != RD_KAFKA_RESP_ERR_NO_ERROR; }

void KafkaProducer::take_reports(rd_kafka_event_t* event) {
  while (const auto* message = rd_kafka_event_message_next(event)) answer(*message);
}

void KafkaProducer::answer(const rd_kafka_message_t& message) {
  const auto token = under_way_.leave(reinterpret_cast<std::size_t>(message._private));
  ready_.push_back(judge(token, rd_kafka_topic_name(message.rkt), message.err));
}

Receipt KafkaProducer::judge(std::uint64_t token, const std::string& topic, rd_kafka_resp_err_t error) {
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
    if (!refused_.empty()) refused_.erase(topic);
    return {token, true, true, {}};
  }
  if (is_refusal(error)) refused_[topic] = text_of(error) + ": this user needs Write and Describe on topic " + topic;
  const auto refusal = refused_.find(topic);
  // After a refusal librdkafka gives up what is queued behind it, and says only that it was purged.
  const bool refused = refusal != refused_.end() && (purged(error) || is_refusal(error));
  return {token, false, refused ? false : retry_helps(error), refused ? refusal->second : text_of(error) + " on topic " + topic};
}

// What was acknowledged before the failure is still in the queue, and must not be written again by a caller who believes it lost.
void KafkaProducer::end_session(rd_kafka_resp_err_t error, const std::string& why) {
  while (const auto event = client_.next_event(milliseconds{0})) {
    if (rd_kafka_event_type(event.get()) == RD_KAFKA_EVENT_DR) take_reports(event.get());
  }
  for (const auto token : under_way_.drain()) ready_.push_back({token, false, !is_refusal(error), "producer session ended: " + why});
  topics_.clear();
  client_ = Client{};
  if (log_ != nullptr) log_->warning("kafka_producer_session_ended", {{"error", rd_kafka_err2name(error)}, {"text", why}});
}

}  // namespace countersign::messaging::kafka
