#pragma once

// Owners of librdkafka's C objects, and translation between its lists and ours.

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "messaging/consumer.hpp"

namespace countersign::messaging::kafka {

template <auto destroy>
struct Destroy {
  template <typename T>
  void operator()(T* object) const noexcept {
    destroy(object);
  }
};

using Conf = std::unique_ptr<rd_kafka_conf_t, Destroy<rd_kafka_conf_destroy>>;
using Queue = std::unique_ptr<rd_kafka_queue_t, Destroy<rd_kafka_queue_destroy>>;
using QueueEvent = std::unique_ptr<rd_kafka_event_t, Destroy<rd_kafka_event_destroy>>;
using Error = std::unique_ptr<rd_kafka_error_t, Destroy<rd_kafka_error_destroy>>;
using Topic = std::unique_ptr<rd_kafka_topic_t, Destroy<rd_kafka_topic_destroy>>;
using PartitionList = std::unique_ptr<rd_kafka_topic_partition_list_t, Destroy<rd_kafka_topic_partition_list_destroy>>;
using MessageHeaders = std::unique_ptr<rd_kafka_headers_t, Destroy<rd_kafka_headers_destroy>>;
using Metadata = std::unique_ptr<const rd_kafka_metadata_t, Destroy<rd_kafka_metadata_destroy>>;
using AdminOptions = std::unique_ptr<rd_kafka_AdminOptions_t, Destroy<rd_kafka_AdminOptions_destroy>>;

// A client instance with the queue its events come from. Nothing of it is used once it has been ended.
//
// Failure    Ending an instance can hang inside librdkafka, so it happens on a thread of its own that is left behind after the deadline.
class Client {
 public:
  Client() = default;
  // Throws base::Misconfigured.
  Client(rd_kafka_type_t type, Conf conf);
  ~Client() { end(std::chrono::seconds{2}); }
  Client(Client&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)), queue_(std::move(other.queue_)) {}
  Client& operator=(Client&& other) noexcept;

  rd_kafka_t* get() const noexcept { return handle_; }
  explicit operator bool() const noexcept { return handle_ != nullptr; }
  rd_kafka_queue_t* queue() const noexcept { return queue_.get(); }
  // One event, or none when nothing came within the wait.
  QueueEvent next_event(std::chrono::milliseconds wait) const;
  // False: it had to be left behind.
  bool end(std::chrono::milliseconds deadline) noexcept;

 private:
  rd_kafka_t* handle_ = nullptr;
  Queue queue_;
};

PartitionList list_of(const std::vector<Position>& positions);
std::vector<TopicPartition> partitions_of(const rd_kafka_topic_partition_list_t* list);
Message message_of(const rd_kafka_message_t& message);
std::string text_of(rd_kafka_resp_err_t error);  // "Broker: Topic authorization failed (TOPIC_AUTHORIZATION_FAILED)"

// Replaces the set of partitions that are fetched (null: by none) and returns when the fetchers of the former set have stopped.
//
// librdkafka 2.0.2 stops a partition once per removal, and asserts when the same partition is removed again before its first stop was
// answered. The stop and its answer pass through the queue that rd_kafka_assignment() is answered from as well, in order, one behind the
// other; so two such questions later both are through, and a third lets the new fetchers be asked to start.
rd_kafka_resp_err_t assign(rd_kafka_t* client, const rd_kafka_topic_partition_list_t* partitions);

// Throws base::Unavailable.
Watermarks ask_watermarks(rd_kafka_t* client, const TopicPartition& at, std::chrono::milliseconds deadline);

// What is left of the time; never negative.
std::chrono::milliseconds rest_until(std::chrono::steady_clock::time_point until);

// The other side, or an operator, decided that this user may not: no retry helps.
bool is_refusal(rd_kafka_resp_err_t error) noexcept;

}  // namespace countersign::messaging::kafka
