#include "messaging/kafka/kafka_broker.hpp"

#include <algorithm>

#include "base/errors.hpp"
#include "messaging/kafka/client_conf.hpp"
#include "messaging/kafka/kafka_consumer.hpp"
#include "messaging/kafka/kafka_producer.hpp"
#include "messaging/kafka/topic_facts.hpp"

namespace countersign::messaging {

namespace {
constexpr std::chrono::milliseconds between_looks{20};
}

KafkaBroker::KafkaBroker(const KafkaSettings& settings, telemetry::Log* log) : settings_(settings), log_(log) {
  kafka::producer_conf(settings);
  kafka::member_conf(settings, {"any", {}, {}});
}

KafkaBroker::~KafkaBroker() = default;

std::unique_ptr<Consumer> KafkaBroker::make_consumer(const ConsumerOptions& options) {
  return std::make_unique<kafka::KafkaConsumer>(settings_, options, log_);
}

std::unique_ptr<Producer> KafkaBroker::make_producer() {
  std::unique_lock lock(mutex_);
  auto warm = warm_;
  lock.unlock();
  return std::make_unique<kafka::KafkaProducer>(settings_, std::move(warm), log_);
}

void KafkaBroker::warm(const std::vector<std::string>& topics) {
  std::lock_guard lock(mutex_);
  const auto until = std::chrono::steady_clock::now() + settings_.request_deadline;
  for (auto waiting = first_without_leader(topics); !waiting.empty(); waiting = first_without_leader(topics)) {
    if (std::chrono::steady_clock::now() > until) throw base::Unavailable("topic " + waiting + " has no leader: are all brokers up?");
    asker().next_event(between_looks);
  }
  for (const auto& topic : topics) {
    if (std::find(warm_.begin(), warm_.end(), topic) == warm_.end()) warm_.push_back(topic);
  }
}

std::string KafkaBroker::first_without_leader(const std::vector<std::string>& topics) {
  const auto known = kafka::ask_topics(asker(), settings_.request_deadline);
  for (const auto& topic : topics) {
    const auto found = known.find(topic);
    if (found == known.end()) {
      throw base::Misconfigured("topic " + topic + " does not exist, or this user may not describe it: create topics and grants first");
    }
    if (!found->second.led) return topic;
  }
  return {};
}

std::vector<std::string> KafkaBroker::list_topics(const std::string& prefix) {
  std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [name, facts] : kafka::ask_topics(asker(), settings_.request_deadline)) {
    if (name.starts_with(prefix)) names.push_back(name);
  }
  return names;
}

kafka::Client& KafkaBroker::asker() {
  if (!asker_) asker_ = std::make_unique<kafka::Client>(RD_KAFKA_PRODUCER, kafka::asker_conf(settings_));
  while (asker_->next_event(std::chrono::milliseconds{0})) {  // its errors come back from the questions as well
  }
  return *asker_;
}

}  // namespace countersign::messaging
