#pragma once

// Incarnation: this life of the process, as the database knows it.
//
// Outbox rows carry its id. It renews one lease row; when the process dies the lease runs out and the outbox service publishes the rows
// that were left. A process that starts under the same instance name ends its predecessor's lease and adopts its rows, which the
// publisher then sends before anything new. After a fence was lost the old id may already be ended by somebody else, so a new one is taken.
//
// Promise    current() never returns an id whose lease row was not committed. A next life whose COMMIT got no answer is not taken for a
//            rival: it is begun again under the same id.
// Threads    current() from any thread; run() on a thread of its own; renew_identity() from any stage.
// Time       Leases are judged by the database clock.

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "base/clock.hpp"
#include "base/uuid.hpp"
#include "postgres/session.hpp"
#include "telemetry/metrics.hpp"

namespace countersign::pipeline {

class Incarnation {
 public:
  static constexpr std::chrono::seconds lease{8};
  static constexpr std::chrono::seconds renewal{2};

  // Inserts the row, ends predecessors of the same instance and adopts their outbox rows.
  Incarnation(const postgres::ConnectionSettings& database, std::string instance, base::UuidSource& ids, base::Clock& clock,
              telemetry::Telemetry telemetry);
  ~Incarnation();

  base::Uuid current() const;
  const std::string& instance() const noexcept { return instance_; }
  // Takes a new id and adopts the rows of the old one. `stale` is the id that lost; nothing happens when it is no longer current.
  void renew_identity(const base::Uuid& stale);
  // Renews the lease until stopped; then ends it.
  void run(std::stop_token stop);
  void renew_once();
  // Whether another process of this instance name is alive, which then is our successor. Throws base::Unavailable, and base::Conflict while
  // a life that was begun before is still in doubt.
  bool has_rival();
  // Ends the lease at once, so that others take over what is left without waiting. Called when the process leaves cleanly.
  void end();

 private:
  void begin_life(postgres::Transaction& transaction, const base::Uuid& fresh);
  void begin_first_life();
  void begin_next_life(const base::Uuid& stale);
  postgres::Session& session();

  postgres::ConnectionSettings database_;
  std::string instance_;
  base::UuidSource& ids_;
  base::Clock& clock_;
  telemetry::Telemetry telemetry_;
  telemetry::Counter& lives_;
  mutable std::mutex mutex_;
  std::mutex session_mutex_;
  std::unique_ptr<postgres::Session> session_;
  std::optional<base::Uuid> attempted_;  // the next life, once its row may be there; of whoever holds session_mutex_
  base::Uuid id_;
};

}  // namespace countersign::pipeline
