#pragma once

// BrokerLab: what the conformance suite needs of a broker beyond its ports: topics, and retention when the test wants it.

#include <string>

#include "messaging/broker.hpp"

namespace countersign::messaging {

class BrokerLab {
 public:
  virtual ~BrokerLab() = default;
  virtual Broker& broker() = 0;
  virtual std::string fresh_name(const std::string& beginning) = 0;
  virtual void create_topic(const std::string& name, std::int32_t partitions) = 0;
  virtual void truncate(const TopicPartition& at, std::int64_t low) = 0;
};

using MakeLab = std::unique_ptr<BrokerLab> (*)();

}  // namespace countersign::messaging
