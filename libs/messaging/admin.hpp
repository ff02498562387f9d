#pragma once

// What an operator wants a Kafka cluster to have: topics, and who may do what with them. kafka/kafka_admin.hpp brings it about.

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace countersign::messaging {

struct TopicPlan {
  std::string name;
  std::int32_t partitions = 12;
  std::int32_t replicas = -1;                   // -1: what the broker gives by default
  std::map<std::string, std::string> config{};  // such as retention.ms, max.message.bytes
};

struct TopicOutcome {
  std::string name;
  bool created = false;         // false: it was there
  std::int32_t partitions = 0;  // that it has
  std::string mismatch;         // empty when the partitions are as planned; else a sentence for the operator
};

enum class Resource { topic, group };
enum class Operation { read, write, describe };

struct Grant {
  std::string user;  // without "User:"
  Resource resource = Resource::topic;
  std::string name;
  bool prefixed = false;  // everything whose name starts with `name`
  Operation operation = Operation::read;
  friend auto operator<=>(const Grant&, const Grant&) = default;
};

// What a service needs. A reader also needs Read on its group.
inline std::vector<Grant> may_write(const std::string& user, const std::string& topic, bool prefixed = false) {
  return {{user, Resource::topic, topic, prefixed, Operation::write}, {user, Resource::topic, topic, prefixed, Operation::describe}};
}
inline std::vector<Grant> may_read(const std::string& user, const std::string& topic, bool prefixed = false) {
  return {{user, Resource::topic, topic, prefixed, Operation::read}, {user, Resource::topic, topic, prefixed, Operation::describe}};
}
inline std::vector<Grant> may_join(const std::string& user, const std::string& group, bool prefixed = false) {
  return {{user, Resource::group, group, prefixed, Operation::read}};
}

}  // namespace countersign::messaging
