#pragma once

// KafkaAdmin: makes topics and grants (ACLs) as planned. Needs a user who may.
//
// Promise    Every function may be repeated; what is there already is left alone. create_topics() returns when the topics can be written
// to,
//            create_grants() when the broker that answers has the grants in force.
// Threads    One thread.
// Failure    Throws base::Unavailable when the cluster does not answer within the settings' request_deadline (doubled for changes),
//            base::Misconfigured when this user may not or a plan is not acceptable.

#include <memory>
#include <vector>

#include "messaging/admin.hpp"
#include "messaging/kafka/kafka_settings.hpp"
#include "telemetry/log.hpp"

namespace countersign::messaging {

class KafkaAdmin {
 public:
  explicit KafkaAdmin(const KafkaSettings& settings, telemetry::Log* log = nullptr);
  ~KafkaAdmin();
  KafkaAdmin(const KafkaAdmin&) = delete;
  KafkaAdmin& operator=(const KafkaAdmin&) = delete;

  // In the order of the plans. A topic with another number of partitions is reported, never changed.
  std::vector<TopicOutcome> create_topics(const std::vector<TopicPlan>& plans);
  void create_grants(const std::vector<Grant>& grants);
  // All of the kinds that Grant can say, sorted.
  std::vector<Grant> grants();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace countersign::messaging
