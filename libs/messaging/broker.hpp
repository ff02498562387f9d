#pragma once

// Broker: where consumers and producers come from. KafkaBroker is the real one; MemoryBroker, held to it by one conformance suite,
// serves unit tests and ThreadSanitizer.
//
// Threads    Every function may be called from any thread.
// Ownership  The broker must outlive the consumers and producers it made.

#include <memory>
#include <string>
#include <vector>

#include "messaging/consumer.hpp"
#include "messaging/producer.hpp"

namespace countersign::messaging {

class Broker {
 public:
  virtual ~Broker() = default;
  virtual std::unique_ptr<Consumer> make_consumer(const ConsumerOptions& options) = 0;
  virtual std::unique_ptr<Producer> make_producer() = 0;
  // Waits until the topics have leaders; producers made afterwards know them, so that the first message to each is not delayed. Throws
  // base::Unavailable, or base::Misconfigured when one does not exist.
  virtual void warm(const std::vector<std::string>& topics) = 0;
  // The names of existing topics that start with `prefix`: how realms are found.
  virtual std::vector<std::string> list_topics(const std::string& prefix) = 0;
};

}  // namespace countersign::messaging
