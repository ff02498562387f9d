#include "messaging/kafka/kafka_consumer.hpp"

#include <algorithm>

#include "base/errors.hpp"
#include "base/invariant.hpp"
#include "messaging/kafka/client_conf.hpp"
#include "messaging/kafka/client_log.hpp"

namespace countersign::messaging::kafka {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

void subscribe(const Client& client, const std::vector<std::string>& topics) {
  PartitionList list(rd_kafka_topic_partition_list_new(static_cast<int>(topics.size())));
  for (const auto& topic : topics) rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
  const auto error = rd_kafka_subscribe(client.get(), list.get());
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) throw base::Misconfigured("cannot subscribe: " + text_of(error));
}

std::optional<TopicPartition> partition_of_error(rd_kafka_event_t* event) {
  auto* raw = rd_kafka_event_topic_partition(event);
  if (raw == nullptr) return std::nullopt;
  TopicPartition at{raw->topic, raw->partition};
  rd_kafka_topic_partition_destroy(raw);
  return at;
}

}  // namespace

KafkaConsumer::KafkaConsumer(const KafkaSettings& settings, const ConsumerOptions& options, telemetry::Log* log)
    : settings_(settings), options_(options), log_(log), client_(RD_KAFKA_CONSUMER, member_conf(settings, options)) {
  subscribe(client_, options.topics);
}

KafkaConsumer::~KafkaConsumer() { close(std::chrono::seconds{2}); }

Event KafkaConsumer::poll(milliseconds wait) {
  COUNTERSIGN_INVARIANT(client_, "a closed consumer is not polled");
  // Partitions whose begin() did not succeed yet may be begun later; the group must not wait for them.
  if (answer_owed_) fetch_what_is_read();
  const auto until = steady_clock::now() + wait;
  while (auto event = client_.next_event(rest_until(until))) {
    if (auto translated = translate(event.get())) return std::move(*translated);
  }
  return Quiet{};
}

std::optional<Event> KafkaConsumer::translate(rd_kafka_event_t* event) {
  switch (rd_kafka_event_type(event)) {
    case RD_KAFKA_EVENT_FETCH:
      return translate_message(event);
    case RD_KAFKA_EVENT_REBALANCE:
      return translate_rebalance(event);
    case RD_KAFKA_EVENT_ERROR:
      return translate_error(event);
    case RD_KAFKA_EVENT_LOG:
      forward_log(log_, event);
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

std::optional<Event> KafkaConsumer::translate_message(rd_kafka_event_t* event) {
  const auto* raw = rd_kafka_event_message_next(event);
  if (raw == nullptr) return std::nullopt;
  if (raw->err != RD_KAFKA_RESP_ERR_NO_ERROR) return Trouble{text_of(raw->err), false, false, std::nullopt};
  const auto reading = next_.find({rd_kafka_topic_name(raw->rkt), raw->partition});
  if (reading == next_.end() || raw->offset < reading->second) return std::nullopt;
  reading->second = raw->offset + 1;
  return message_of(*raw);
}

std::optional<Event> KafkaConsumer::translate_rebalance(rd_kafka_event_t* event) {
  auto partitions = partitions_of(rd_kafka_event_topic_partition_list(event));
  if (rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    next_.clear();
    answer_owed_ = true;
    return Assigned{std::move(partitions)};
  }
  answer_owed_ = false;
  next_.clear();
  if (partitions.empty()) {
    assign(client_.get(), nullptr);
    return std::nullopt;
  }
  asked_back_ = true;
  return Revoked{std::move(partitions), rd_kafka_assignment_lost(client_.get()) != 0};
}

Event KafkaConsumer::translate_error(rd_kafka_event_t* event) const {
  const auto error = rd_kafka_event_error(event);
  Trouble trouble;
  trouble.what = std::string(rd_kafka_event_error_string(event)) + " (" + rd_kafka_err2name(error) + ")";
  trouble.fatal = error == RD_KAFKA_RESP_ERR__FATAL || rd_kafka_event_error_is_fatal(event) != 0;
  trouble.out_of_range = error == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET || error == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE;
  trouble.at = partition_of_error(event);
  if (is_refusal(error)) trouble.what += ": this user needs Read and Describe on its topics and Read on group " + options_.group;
  return trouble;
}

void KafkaConsumer::begin(const std::vector<Position>& positions) {
  for (const auto& [at, offset] : positions) next_[at] = offset;
  fetch_what_is_read();
}

void KafkaConsumer::end(const std::vector<TopicPartition>& partitions) {
  for (const auto& at : partitions) next_.erase(at);
  if (!asked_back_) return fetch_what_is_read();
  asked_back_ = false;
  assign(client_.get(), nullptr);
}

void KafkaConsumer::seek(const Position& position) {
  COUNTERSIGN_INVARIANT(next_.contains(position.at), "only a partition that was begun is sought");
  begin({position});
}

void KafkaConsumer::fetch_what_is_read() {
  answer_owed_ = false;
  std::vector<Position> positions;
  for (const auto& [at, offset] : next_) positions.push_back({at, offset});
  const auto error = assign(client_.get(), list_of(positions).get());
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) throw base::Unavailable("Kafka client cannot take the partitions: " + text_of(error));
}

Watermarks KafkaConsumer::watermarks(const TopicPartition& partition) {
  return ask_watermarks(client_.get(), partition, settings_.request_deadline);
}

std::optional<Message> KafkaConsumer::find_message(const TopicPartition& partition, std::int64_t offset) {
  if (!reader_) reader_.emplace(settings_, options_.group, log_);
  return reader_->find(partition, offset);
}

void KafkaConsumer::note_progress(const std::vector<Position>& positions) { rd_kafka_commit(client_.get(), list_of(positions).get(), 1); }

void KafkaConsumer::close(milliseconds deadline) {
  if (!client_) return;
  const auto until = steady_clock::now() + deadline;
  leave_group(until);
  const bool ended = client_.end(rest_until(until)) && (!reader_ || reader_->end(rest_until(until)));
  if (!ended && log_ != nullptr) log_->warning("kafka_close_overdue", {{"group", options_.group}});
}

void KafkaConsumer::leave_group(steady_clock::time_point until) {
  Queue queue(rd_kafka_queue_new(client_.get()));
  if (asked_back_) assign(client_.get(), nullptr);
  if (Error error{rd_kafka_consumer_close_queue(client_.get(), queue.get())}) return;
  while (rd_kafka_consumer_closed(client_.get()) == 0 && steady_clock::now() < until) {
    QueueEvent event(rd_kafka_queue_poll(queue.get(), 20));
    // Not assign(): the last answer ends the group's thread of work, and nobody would answer its questions.
    if (event && rd_kafka_event_type(event.get()) == RD_KAFKA_EVENT_REBALANCE) rd_kafka_assign(client_.get(), nullptr);
  }
}

}  // namespace countersign::messaging::kafka
