#pragma once

// Publisher: sends what committed transactions owe, and remembers what the log has confirmed.
//
// A stage hands over its messages right after the commit. Their outbox rows stay until the log has confirmed them; confirmed ids are
// deleted by the next batch that runs, or by the publisher itself when none runs for 200 ms. Rows of this incarnation that are over five
// seconds old and neither queued nor confirmed (adopted from an earlier life, dropped because memory was full, refused by the broker) are
// read again and sent.
//
// Promise    A row is deleted only after its message was confirmed. Per key, messages of one transaction go out in the order they were
//            owed; what earlier lives left goes out before anything new. Trouble may reorder and repeat: ce_sequence tells consumers.
// Threads    hand_over(), take_confirmed(), give_back() from any thread; run() on a thread of its own.
// Failure    Broker trouble never reaches the stages; the queue is bounded, and what does not fit is read again from the outbox later.

#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <stop_token>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "messaging/broker.hpp"
#include "pipeline/incarnation.hpp"
#include "pipeline/outgoing.hpp"
#include "postgres/session.hpp"

namespace countersign::pipeline {

class Publisher {
 public:
  struct Limits {
    std::size_t most_queued = 50'000;
    std::chrono::milliseconds idle_before_delete{200};
    std::chrono::milliseconds age_before_resend{5000};
    std::size_t most_deleted_at_once = 2000;
  };

  Publisher(messaging::Broker& broker, const postgres::ConnectionSettings& database, Incarnation& incarnation, base::Clock& clock,
            telemetry::Telemetry telemetry, Limits limits);
  Publisher(messaging::Broker& broker, const postgres::ConnectionSettings& database, Incarnation& incarnation, base::Clock& clock,
            telemetry::Telemetry telemetry)
      : Publisher(broker, database, incarnation, clock, telemetry, Limits{}) {}
  ~Publisher();

  void hand_over(std::vector<Outgoing> committed);
  // Ids whose rows may be deleted; the caller deletes them in its transaction, then has them forgotten, or gives them back when that
  // failed.
  std::vector<base::Uuid> take_confirmed();
  void forget_deleted(const std::vector<base::Uuid>& deleted);
  void give_back(const std::vector<base::Uuid>& confirmed);

  // Sends what earlier lives of this instance left behind; run() does it before anything else.
  void run(std::stop_token stop);
  // One turn: sends what is queued, takes receipts, deletes or reads again when due. Waits at most `wait`.
  void run_once(std::chrono::milliseconds wait);
  // Sends and confirms what is queued, until the deadline.
  bool flush(std::chrono::milliseconds deadline);

 private:
  void offer_queued();
  void take_receipts(std::chrono::milliseconds wait);
  void delete_when_idle();
  bool delete_confirmed();  // false: there were none
  void read_again_when_due();
  std::vector<Outgoing> find_rows(std::chrono::milliseconds older_than, std::size_t most);
  void read_again(std::chrono::milliseconds older_than);
  void queue_in_front(std::vector<Outgoing> stranded);
  bool wait_for_work(std::stop_token stop);
  postgres::Session& session();

  messaging::Broker& broker_;
  postgres::ConnectionSettings database_;
  Incarnation& incarnation_;
  base::Clock& clock_;
  telemetry::Telemetry telemetry_;
  Limits limits_;
  telemetry::Counter& published_;
  telemetry::Counter& failed_;
  telemetry::Counter& read_again_count_;
  telemetry::Gauge& queue_length_;
  telemetry::Gauge& unconfirmed_;

  std::unique_ptr<messaging::Producer> producer_;
  std::unique_ptr<postgres::Session> session_;
  std::deque<Outgoing> sending_;                           // taken from queue_, not yet offered; the publisher's thread only
  std::unordered_map<std::uint64_t, Outgoing> under_way_;  // by token; the publisher's thread only
  std::uint64_t next_token_ = 1;
  base::SteadyTime last_read_again_{};

  std::mutex mutex_;
  std::condition_variable_any handed_over_;
  std::deque<Outgoing> queue_;
  std::unordered_set<base::Uuid> known_;  // queued, under way, or confirmed and not yet deleted
  std::vector<base::Uuid> confirmed_;
  base::SteadyTime last_take_{};
};

// What goes to the log for an outbox row.
messaging::Record to_record(const Outgoing& outgoing, std::uint64_t token);

}  // namespace countersign::pipeline
