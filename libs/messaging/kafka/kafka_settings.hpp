#pragma once

// KafkaSettings: how to reach a Kafka cluster.

#include <chrono>
#include <map>
#include <string>

namespace countersign::messaging {

struct KafkaSettings {
  std::string bootstrap;  // host:port, comma separated
  // Any librdkafka property, such as security.protocol, sasl.mechanisms, sasl.username, ssl.ca.location, compression.type; given to
  // consumers and producers alike. Those that this room's promises rest on (offsets, idempotence, partitioner, assignment) are refused.
  std::map<std::string, std::string> extra{};
  std::string password_file{};                       // when set, its first line becomes sasl.password
  std::chrono::milliseconds request_deadline{5000};  // for what waits for one answer: watermarks, find_message, warm, list_topics
};

}  // namespace countersign::messaging
