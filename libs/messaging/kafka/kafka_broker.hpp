#pragma once

// KafkaBroker: the Broker that is Kafka.
//
// Threads    As Broker.
// Ownership  Borrows the log, which may be absent; librdkafka's own lines go there as `kafka_client` at warning level.
// Failure    The constructor throws base::Misconfigured for settings that librdkafka does not accept; it does not connect.

#include <memory>
#include <mutex>

#include "messaging/broker.hpp"
#include "messaging/kafka/kafka_settings.hpp"
#include "telemetry/log.hpp"

namespace countersign::messaging {

namespace kafka {
class Client;
}

class KafkaBroker final : public Broker {
 public:
  explicit KafkaBroker(const KafkaSettings& settings, telemetry::Log* log = nullptr);
  ~KafkaBroker() override;

  std::unique_ptr<Consumer> make_consumer(const ConsumerOptions& options) override;
  std::unique_ptr<Producer> make_producer() override;
  void warm(const std::vector<std::string>& topics) override;
  std::vector<std::string> list_topics(const std::string& prefix) override;

 private:
  kafka::Client& asker();  // made when first needed; with the mutex held
  std::string first_without_leader(const std::vector<std::string>& topics);

  KafkaSettings settings_;
  telemetry::Log* log_;
  std::mutex mutex_;
  std::unique_ptr<kafka::Client> asker_;
  std::vector<std::string> warm_;
};

}  // namespace countersign::messaging
