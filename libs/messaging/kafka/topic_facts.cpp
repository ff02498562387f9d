#include "messaging/kafka/topic_facts.hpp"

#include <algorithm>

#include "base/errors.hpp"

namespace countersign::messaging::kafka {

namespace {

TopicFacts facts_of(const rd_kafka_metadata_topic_t& topic) {
  const auto led = [](const rd_kafka_metadata_partition_t& partition) { return partition.leader >= 0; };
  return {topic.partition_cnt, topic.partition_cnt > 0 && std::all_of(topic.partitions, topic.partitions + topic.partition_cnt, led)};
}

bool exists(const rd_kafka_metadata_topic_t& topic) {
  return topic.err == RD_KAFKA_RESP_ERR_NO_ERROR || topic.err == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE;
}

// The answer itself only says that none came; why not was told to the queue meanwhile, once per attempt to connect.
[[noreturn]] void explain_silence(const Client& client, rd_kafka_resp_err_t error) {
  std::string unreachable;
  while (const auto event = client.next_event(std::chrono::milliseconds{0})) {
    if (rd_kafka_event_type(event.get()) != RD_KAFKA_EVENT_ERROR) continue;
    const auto reason = rd_kafka_event_error(event.get());
    const std::string text = rd_kafka_event_error_string(event.get());
    if (reason == RD_KAFKA_RESP_ERR__AUTHENTICATION || reason == RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED)
      throw base::Unavailable("Kafka refuses the user or the password: " + text);
    if (reason == RD_KAFKA_RESP_ERR__SSL) throw base::Unavailable("no TLS connection to Kafka: " + text);
    if (reason != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) unreachable = text;
  }
  throw base::Unavailable("Kafka cannot be reached: " + (unreachable.empty() ? text_of(error) : unreachable) +
                          "; is the bootstrap address right, and does a broker listen there?");
}

}  // namespace

std::map<std::string, TopicFacts> ask_topics(const Client& client, std::chrono::milliseconds deadline) {
  const rd_kafka_metadata_t* raw = nullptr;
  const auto error = rd_kafka_metadata(client.get(), 1, nullptr, &raw, static_cast<int>(deadline.count()));
  const Metadata metadata(raw);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) explain_silence(client, error);
  std::map<std::string, TopicFacts> topics;
  for (int i = 0; i < metadata->topic_cnt; ++i) {
    if (exists(metadata->topics[i])) topics.emplace(metadata->topics[i].topic, facts_of(metadata->topics[i]));
  }
  return topics;
}

}  // namespace countersign::messaging::kafka
