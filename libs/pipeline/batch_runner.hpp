#pragma once

// BatchRunner: runs one transaction of the processing core from BEGIN to the hand-over of its messages.
//
//     witness row · fence and advance partitions · absent keys · lock keys     one round trip
//     the service's code                                                        as many as it takes
//     counters, dead letters, audit, outbox, confirmed outbox rows · COMMIT     one round trip
//
// Promise    Either everything happened once or nothing did. A commit whose answer was lost is resolved before run() returns: the witness
//            row is inserted again as void, which waits for an orphaned backend and keeps it from committing later.
// Threads    One thread at a time; each stage and lane has a runner, with a session of its own.
// Failure    FenceLost names the partitions that are no longer ours; nothing was done. Otherwise what postgres::Session throws; nothing was
//            done then either. What the service's code throws passes through after a rollback.

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "pipeline/batch.hpp"
#include "pipeline/incarnation.hpp"
#include "pipeline/publisher.hpp"

namespace countersign::pipeline {

// A range of one log that the batch consumes: [from, to).
struct FencedRange {
  messaging::TopicPartition at;
  std::int64_t epoch = 0;
  std::int64_t from = 0;
  std::int64_t to = 0;
  std::string digest;  // of the message at to - 1
};

class FenceLost : public std::runtime_error {
 public:
  explicit FenceLost(std::vector<messaging::TopicPartition> lost)
      : std::runtime_error("partitions were taken over"), lost_(std::move(lost)) {}
  const std::vector<messaging::TopicPartition>& lost() const noexcept { return lost_; }

 private:
  std::vector<messaging::TopicPartition> lost_;
};

// Whether the keys of a batch have their rows already. A wrong guess costs time and nothing else.
enum class Acquaintance {
  known,  // as good as all: they are locked; should one be missing, the batch is opened again as `mixed`
  mixed,  // somebody may be about to commit a missing row: it is made, or waited for, before anything is read
  fresh,  // most are heard of in this batch first, and nowhere else at the same time: their rows are made at the end, complete
};

struct BatchRequest {
  std::string group;                // consumer group; empty when no topic caused the batch
  std::vector<FencedRange> ranges;  // in order of topic and partition
  std::vector<std::string> keys;    // sorted, unique
  Acquaintance acquaintance = Acquaintance::mixed;
};

// The parts that all runners of a process share.
struct CoreParts {
  const Territory& territory;
  Incarnation& incarnation;
  Publisher& publisher;
  base::UuidSource& ids;
  base::Clock& clock;
  telemetry::Telemetry telemetry;
  postgres::ConnectionSettings database;
};

class BatchRunner {
 public:
  BatchRunner(CoreParts parts, std::string stage);

  // `prepare` sees the locked keys, may use the transaction, and returns the arrivals that the batch is to show; may be empty.
  using Prepare = std::function<std::vector<KeyedArrivals>(postgres::Transaction&, std::map<std::string, KeyState>&)>;
  using Work = std::function<void(Batch&)>;
  void run(const BatchRequest& request, const Prepare& prepare, const Work& work);
  void run(const BatchRequest& request, const Work& work) { run(request, nullptr, work); }

  // For reads and bookkeeping outside a batch.
  postgres::Session& session();
  bool connected() const noexcept { return session_ && !session_->broken(); }
  const CoreParts& parts() const noexcept { return parts_; }

 private:
  struct Opened {
    base::WallTime now;
    std::map<std::string, KeyState> keys;
  };
  struct Cargo;
  void attempt(const BatchRequest& request, Acquaintance acquaintance, const Prepare& prepare, const Work& work, Cargo& cargo);
  Opened open(postgres::Transaction& transaction, const BatchRequest& request, Acquaintance acquaintance, const base::Uuid& id,
              const base::Uuid& incarnation);
  void take_keys(Opened& opened, const BatchRequest& request, Acquaintance acquaintance, const postgres::Rows& locked) const;
  void close(postgres::Transaction& transaction, Batch& batch, const BatchRequest& request, const base::Uuid& incarnation,
             const std::vector<base::Uuid>& confirmed);
  void queue_dead_letters(postgres::Transaction& transaction, Batch& batch, const std::string& group);
  void queue_audit(postgres::Transaction& transaction, const Batch& batch);
  void commit(postgres::Transaction& transaction, const base::Uuid& id, const base::Uuid& incarnation, bool makes_rows);
  bool happened(const base::Uuid& id, const base::Uuid& incarnation);

  CoreParts parts_;
  std::string stage_;
  std::unique_ptr<postgres::Session> session_;
  telemetry::Counter& batches_;
  telemetry::Counter& in_doubt_;
  telemetry::Counter& fence_rejections_;
  telemetry::Counter& dead_letters_;
  telemetry::Histogram& batch_seconds_;
  telemetry::Histogram& commit_seconds_;
};

}  // namespace countersign::pipeline
