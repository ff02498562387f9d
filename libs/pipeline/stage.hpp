#pragma once

// Stage: consumes one topic (of all realms) and runs a service's handler over it, batch by batch.
//
//     poll ─▶ fill a batch ─▶ decode ─▶ BatchRunner: fence, lock, sequence, handler, commit ─▶ publisher
//
// What happens to whom:
//   a message that cannot be read      dead letter in the same transaction; the handler sees it as refused
//   one that came too early            parked, applied in the transaction that closes the gap
//   a batch that PostgreSQL refuses    tried again half as large, down to one, as is one that loses its connection twice; the message
//                                      refused alone for good becomes a dead letter
//   one that kills the process         taken alone after the second take-over at the same offset, set aside at the fifth start
//   a partition lost to another        dropped; the rest of the batch is tried again
//   a log that is not the one we knew  not consumed, readiness withdrawn
//
// Promise    next_offset in PostgreSQL and the effects of the messages before it change together or not at all.
// Threads    run() on a thread of its own. Everything else is called by it.
// Ownership  Borrows every constructor argument.
// Failure    Lost connections are retried with backoff inside. What a handler throws beyond the database's refusals passes through and
//            ends the process: a restart is cheap, and the stall count finds the message.

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/backoff.hpp"
#include "messaging/broker.hpp"
#include "pipeline/batch_runner.hpp"
#include "pipeline/fill_wait.hpp"
#include "pipeline/handler.hpp"
#include "pipeline/partition_ledger.hpp"
#include "pipeline/stage_metrics.hpp"

namespace countersign::pipeline {

// The group will have no more of this process, because a later one has its instance name: the older ends.
class ConsumerEnded : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct StageOptions {
  std::string topic;                                // without realm
  std::vector<std::string> topics;                  // what to subscribe to; `topic` and its realms
  bool sequenced = true;                            // false: from outside, duplicates are the handler's to judge
  Acquaintance acquaintance = Acquaintance::mixed;  // with the keys of its messages
  std::size_t most_rows = 1000;
  std::size_t most_bytes = 4 * 1024 * 1024;
  std::chrono::microseconds least_fill{1000};
  std::chrono::milliseconds poll_wait{100};
  std::chrono::milliseconds retake_after{2000};   // a partition that Kafka still gives us after a fence was lost
  std::chrono::milliseconds recheck_after{5000};  // a blocked partition is looked at again
  std::string instance;                           // for static membership; empty: dynamic
  std::function<void(bool ready, const std::string& why)> report_readiness;
};

class Stage {
 public:
  Stage(messaging::Broker& broker, CoreParts parts, Handler& handler, StageOptions options);
  ~Stage();

  void run(std::stop_token stop);

  // One turn of run(), for tests: takes what is there within `wait` and returns how many messages were committed.
  std::size_t run_once(std::chrono::milliseconds wait);
  // Finishes, tells the broker how far we are, leaves the group.
  void leave(std::chrono::milliseconds deadline);
  const std::string& name() const noexcept { return name_; }

 private:
  using Messages = std::vector<std::shared_ptr<const messaging::Message>>;
  static constexpr std::int64_t most_starts = 5;  // of one message; at the last it is set aside unhandled, after it deadly

  // stage.cpp: what comes from the broker
  void collect(std::chrono::milliseconds wait);
  bool has_room() const;
  void take_what_is_there();
  void receive(messaging::Event event);
  void accept(messaging::Message message);
  void assign(const std::vector<messaging::TopicPartition>& partitions);
  void revoke(const messaging::Revoked& revoked);
  void note_trouble(const messaging::Trouble& trouble);
  void join_anew_or_end();
  void take_over_due();
  void restart_reading();
  void block(const messaging::TopicPartition& at, const std::string& reason);
  void look_after_partitions();
  bool recheck_logs();
  void forget(const messaging::TopicPartition& at);
  void report();

  // stage_commit.cpp: what goes to the database
  std::size_t commit_pending();
  void commit_or_set_aside(const Messages& slice);
  Messages next_slice();
  struct Sorted;
  void commit_slice(const Messages& slice, const std::optional<base::Refusal>& refusal);
  void run_batch(const BatchRequest& request, const BatchRunner::Prepare& prepare, const BatchRunner::Work& work);
  BatchRequest request_for(const Messages& slice) const;
  void advance(const Messages& slice);
  bool careful(const messaging::Message& message);
  static std::optional<base::Refusal> refusal_after(std::int64_t starts);
  std::optional<base::Refusal> counted_out(const messaging::Message& message);
  void take_back_start(const messaging::Message& message);
  bool set_aside(const Messages& slice, const base::Rejected& rejected);
  static base::Refusal rejected_by_database(const base::Rejected& rejected);
  bool survive(const std::runtime_error& failure, const Messages& slice);
  void lose(const FenceLost& loss);

  // stage_admission.cpp: which messages the handler sees, and in which order
  Sorted sort(const Messages& slice, const std::optional<base::Refusal>& refusal) const;
  Arrival read(std::shared_ptr<const messaging::Message> message) const;
  std::vector<KeyedArrivals> admit(Sorted& sorted, bool drain, postgres::Transaction& transaction, std::map<std::string, KeyState>& keys);
  void work(Batch& batch, const Sorted& sorted);
  void drain_due();
  void drain_one(const std::string& key, std::int64_t sequence);
  std::int64_t count_parked_start(const std::string& key, std::int64_t sequence);
  void take_back_parked_start(const std::string& key, std::int64_t sequence);
  void commit_parked(const std::string& key, std::int64_t sequence, const std::optional<base::Refusal>& refusal);
  void watch_gaps();

  messaging::Broker& broker_;
  CoreParts parts_;
  Handler& handler_;
  StageOptions options_;
  std::string group_;
  std::string name_;
  StageMetrics metrics_;
  BatchRunner runner_;
  PartitionLedger ledger_;
  FillWait fill_;
  base::Backoff backoff_{std::chrono::milliseconds{20}, std::chrono::milliseconds{2000}};

  std::unique_ptr<messaging::Consumer> consumer_;
  std::set<messaging::TopicPartition> assigned_;
  std::map<messaging::TopicPartition, base::SteadyTime> to_take_;  // lost by a fence or not yet taken over: when to try
  std::map<messaging::TopicPartition, std::string> blocked_;       // why
  Messages pending_;                                               // received, not committed, in order per partition
  std::size_t pending_bytes_ = 0;
  std::size_t most_now_;       // rows a batch may have, halved by refusals
  std::size_t committed_ = 0;  // messages, in this turn
  bool logs_in_doubt_ = false;
  bool reading_lost_ = false;                    // what the consumer reads is not what we own
  std::optional<messaging::Position> survived_;  // a counted start that we lived through but could not take back yet
  std::optional<std::pair<std::string, std::int64_t>> survived_parked_;  // the same of a parked message
  bool drain_wanted_ = true;
  bool assignment_known_ = false;
  bool failed_ = false;  // this turn met something that makes us wait
  std::string trouble_;  // why the database or broker keeps us waiting
  bool ended_by_group_ = false;
  base::SteadyTime next_look_{};
};

}  // namespace countersign::pipeline
