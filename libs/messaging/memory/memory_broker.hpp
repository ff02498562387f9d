#pragma once

// MemoryBroker: a Kafka cluster in this process, for unit tests and ThreadSanitizer, whose misfortunes the test arranges.
//
// Promise    What the conformance suite checks holds here as it does on Kafka. Nothing happens by itself: sessions end, logs are truncated
//            and writes fail only when the test says so.
// Threads    Every function may be called from any thread.
// Ownership  Borrows the clock, which stamps the messages. Waits (poll, receipts) are in real time and end as soon as there is something.

#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "messaging/broker.hpp"

namespace countersign::messaging {

namespace memory {
struct MemoryCluster;
}

class MemoryBroker final : public Broker {
 public:
  explicit MemoryBroker(const base::Clock& clock);
  ~MemoryBroker() override;

  std::unique_ptr<Consumer> make_consumer(const ConsumerOptions& options) override;
  std::unique_ptr<Producer> make_producer() override;
  void warm(const std::vector<std::string>& topics) override;
  std::vector<std::string> list_topics(const std::string& prefix) override;

  // The log. create_topic() on a topic that exists makes it anew, empty: what an operator's delete and create does.
  void create_topic(const std::string& topic, std::int32_t partitions);
  void truncate(const TopicPartition& at, std::int64_t low);
  Message append(const Record& record);                           // as if by another producer
  std::vector<Message> messages(const std::string& topic) const;  // all there are now, partition by partition
  // What consumers told with note_progress(); absent before.
  std::optional<std::int64_t> progress(const std::string& group, const TopicPartition& at) const;

  // The group. The consumer must be one of this broker's.
  void end_session(Consumer& consumer);                                        // as if it had been silent for too long
  void end_session_of(const std::string& group, const std::string& instance);  // of a member with an instance name, alive or closed
  void rebalance(const std::string& group);
  void give_trouble(Consumer& consumer, const Trouble& trouble);  // from its next poll

  // Writes to the topic: the next `times` are refused, or are written without the producer hearing of it.
  void refuse_writes(const std::string& topic, int times, bool retry, const std::string& error);
  void lose_acknowledgements(const std::string& topic, int times);

  // While unreachable, polls give Trouble, receipts do not come, everything else throws base::Unavailable.
  void set_reachable(bool reachable);
  // While off, no consumer gets messages; everything else goes on.
  void set_delivering(bool delivering);

 private:
  std::unique_ptr<memory::MemoryCluster> cluster_;
};

}  // namespace countersign::messaging
