#pragma once

// The BrokerLab that is Kafka, on the process's ScratchKafka.

#include "messaging/kafka/kafka_broker.hpp"
#include "messaging/testing/scratch_kafka.hpp"
#include "messaging/tests/broker_lab.hpp"

namespace countersign::messaging {

class KafkaLab final : public BrokerLab {
 public:
  Broker& broker() override { return broker_; }
  std::string fresh_name(const std::string& beginning) override { return kafka_.fresh_name(beginning); }
  void create_topic(const std::string& name, std::int32_t partitions) override { kafka_.create_topic(name, partitions); }
  void truncate(const TopicPartition& at, std::int64_t low) override { kafka_.truncate(at, low); }

 private:
  ScratchKafka& kafka_ = ScratchKafka::shared();
  KafkaBroker broker_{kafka_.settings()};
};

}  // namespace countersign::messaging
