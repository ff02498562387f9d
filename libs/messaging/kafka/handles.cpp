#include "messaging/kafka/handles.hpp"

#include <algorithm>
#include <future>
#include <thread>

#include "base/errors.hpp"

namespace countersign::messaging::kafka {

namespace {

std::optional<std::string> bytes_of(const void* data, std::size_t size) {
  if (data == nullptr) return std::nullopt;
  return std::string(static_cast<const char*>(data), size);
}

base::Headers headers_of(const rd_kafka_message_t& message) {
  base::Headers headers;
  rd_kafka_headers_t* raw = nullptr;
  if (rd_kafka_message_headers(&message, &raw) != RD_KAFKA_RESP_ERR_NO_ERROR) return headers;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  headers.reserve(rd_kafka_header_cnt(raw));
  for (std::size_t i = 0; rd_kafka_header_get_all(raw, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i) {
    headers.emplace_back(name, bytes_of(value, size).value_or(std::string{}));
  }
  return headers;
}

constexpr std::chrono::milliseconds pause{20};

// The partition is between two leaders, or was made a moment ago.
bool is_moving(rd_kafka_resp_err_t error) {
  return error == RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION || error == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE;
}

}  // namespace

Client::Client(rd_kafka_type_t type, Conf conf) {
  char problem[512] = {};
  handle_ = rd_kafka_new(type, conf.get(), problem, sizeof problem);
  if (handle_ == nullptr) throw base::Misconfigured(std::string("Kafka settings do not fit together: ") + problem);
  [[maybe_unused]] auto* taken = conf.release();
  const bool consumes = type == RD_KAFKA_CONSUMER;
  if (consumes) rd_kafka_poll_set_consumer(handle_);
  queue_.reset(consumes ? rd_kafka_queue_get_consumer(handle_) : rd_kafka_queue_get_main(handle_));
  rd_kafka_set_log_queue(handle_, queue_.get());
}

Client& Client::operator=(Client&& other) noexcept {
  if (this == &other) return *this;
  end(std::chrono::seconds{2});
  handle_ = std::exchange(other.handle_, nullptr);
  queue_ = std::move(other.queue_);
  return *this;
}

QueueEvent Client::next_event(std::chrono::milliseconds wait) const {
  return QueueEvent(rd_kafka_queue_poll(queue_.get(), static_cast<int>(wait.count())));
}

bool Client::end(std::chrono::milliseconds deadline) noexcept {
  auto* handle = std::exchange(handle_, nullptr);
  if (handle == nullptr) return true;
  queue_.reset();
  try {
    std::promise<void> ended;
    auto waiting = ended.get_future();
    std::thread([handle, ended = std::move(ended)]() mutable {
      rd_kafka_destroy_flags(handle, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
      ended.set_value();
    }).detach();
    return waiting.wait_for(deadline) == std::future_status::ready;
  } catch (const std::exception&) {
    return false;  // no thread to be had: the instance is left behind, which is what a hang would come to as well
  }
}

PartitionList list_of(const std::vector<Position>& positions) {
  PartitionList list(rd_kafka_topic_partition_list_new(static_cast<int>(positions.size())));
  for (const auto& [at, offset] : positions) {
    rd_kafka_topic_partition_list_add(list.get(), at.topic.c_str(), at.partition)->offset = offset;
  }
  return list;
}

std::vector<TopicPartition> partitions_of(const rd_kafka_topic_partition_list_t* list) {
  std::vector<TopicPartition> partitions;
  for (int i = 0; list != nullptr && i < list->cnt; ++i) partitions.push_back({list->elems[i].topic, list->elems[i].partition});
  std::sort(partitions.begin(), partitions.end());
  return partitions;
}

Message message_of(const rd_kafka_message_t& message) {
  rd_kafka_timestamp_type_t kind{};
  const std::chrono::milliseconds written{rd_kafka_message_timestamp(&message, &kind)};
  Message result;
  result.at = {rd_kafka_topic_name(message.rkt), message.partition};
  result.offset = message.offset;
  if (kind != RD_KAFKA_TIMESTAMP_NOT_AVAILABLE) result.timestamp = base::WallTime{written};
  result.key = bytes_of(message.key, message.key_len);
  result.value = bytes_of(message.payload, message.len);
  result.headers = headers_of(message);
  return result;
}

std::string text_of(rd_kafka_resp_err_t error) { return std::string(rd_kafka_err2str(error)) + " (" + rd_kafka_err2name(error) + ")"; }

rd_kafka_resp_err_t assign(rd_kafka_t* client, const rd_kafka_topic_partition_list_t* partitions) {
  const auto error = rd_kafka_assign(client, partitions);
  for (int question = 0; question < 3; ++question) {
    rd_kafka_topic_partition_list_t* current = nullptr;
    if (rd_kafka_assignment(client, &current) == RD_KAFKA_RESP_ERR_NO_ERROR) PartitionList{current};
  }
  return error;
}

Watermarks ask_watermarks(rd_kafka_t* client, const TopicPartition& at, std::chrono::milliseconds deadline) {
  const auto until = std::chrono::steady_clock::now() + deadline;
  while (true) {
    Watermarks marks;
    const auto rest = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    const auto error = rd_kafka_query_watermark_offsets(client, at.topic.c_str(), at.partition, &marks.low, &marks.high,
                                                        static_cast<int>(std::max<std::int64_t>(rest.count(), 1)));
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return marks;
    if (!is_moving(error) || rest <= pause) {
      throw base::Unavailable("Kafka does not tell the offsets of " + at.topic + "/" + std::to_string(at.partition) + ": " +
                              text_of(error));
    }
    std::this_thread::sleep_for(pause);
  }
}

std::chrono::milliseconds rest_until(std::chrono::steady_clock::time_point until) {
  return std::max(std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()), std::chrono::milliseconds{0});
}

bool is_refusal(rd_kafka_resp_err_t error) noexcept {
  switch (error) {
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
      return true;
    default:
      return false;
  }
}

}  // namespace countersign::messaging::kafka
