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

}  // namespace

std::map<std::string, TopicFacts> ask_topics(rd_kafka_t* client, std::chrono::milliseconds deadline) {
  const rd_kafka_metadata_t* raw = nullptr;
  const auto error = rd_kafka_metadata(client, 1, nullptr, &raw, static_cast<int>(deadline.count()));
  const Metadata metadata(raw);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    throw base::Unavailable("Kafka does not answer: " + text_of(error) + "; check the bootstrap address, the user and the password");
  }
  std::map<std::string, TopicFacts> topics;
  for (int i = 0; i < metadata->topic_cnt; ++i) {
    if (exists(metadata->topics[i])) topics.emplace(metadata->topics[i].topic, facts_of(metadata->topics[i]));
  }
  return topics;
}

}  // namespace countersign::messaging::kafka
