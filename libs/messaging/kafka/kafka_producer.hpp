#pragma once

// KafkaProducer: an idempotent Producer on librdkafka's event queue.
//
// A session is one librdkafka instance. When it fails fatally, which an idempotent producer does in the normal course of broker trouble,
// every record under way is answered and the next offer() starts another session.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "messaging/kafka/handles.hpp"
#include "messaging/kafka/kafka_settings.hpp"
#include "messaging/kafka/under_way.hpp"
#include "messaging/producer.hpp"
#include "telemetry/log.hpp"

namespace countersign::messaging::kafka {

class KafkaProducer final : public Producer {
 public:
  // Waits until the leaders of `warm` are known, at most the settings' request_deadline.
  KafkaProducer(const KafkaSettings& settings, std::vector<std::string> warm, telemetry::Log* log);
  ~KafkaProducer() override;

  bool offer(const Record& record) override;
  std::vector<Receipt> receipts(std::chrono::milliseconds wait) override;
  bool flush(std::chrono::milliseconds deadline) override;

 private:
  void start_session();
  void end_session(rd_kafka_resp_err_t error, const std::string& why);
  bool fatally_failed() const;
  rd_kafka_resp_err_t enqueue(const Record& record, std::size_t slot);
  bool take_event(std::chrono::milliseconds wait);  // false: none came
  void take_reports(rd_kafka_event_t* event);
  void answer(const rd_kafka_message_t& message);
  Receipt judge(std::uint64_t token, const std::string& topic, rd_kafka_resp_err_t error);

  KafkaSettings settings_;
  std::vector<std::string> warm_;
  telemetry::Log* log_;
  std::map<std::string, std::string> refused_;  // topics that this user may not write, and what the broker said
  UnderWay under_way_;
  std::vector<Receipt> ready_;
  Client client_;
  std::vector<Topic> topics_;  // of the session, kept so that their leaders stay known
};

}  // namespace countersign::messaging::kafka
