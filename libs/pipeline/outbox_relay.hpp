#pragma once

// OutboxRelay: publishes what the dead processes of one schema still owe.
//
// Reads outbox rows whose incarnation has no lease any more, publishes each to its topic, and deletes it once the log has confirmed it. One
// relay works on a schema at a time (an advisory lock of its session); a relay that dies half-way leaves duplicates, which consumers
// drop by sequence.
//
// Promise    Publishes only to topics that the schema's service may write, and says that the schema's service wrote it: a row forged into
//            an outbox cannot speak for another service, nor decide an approval, nor end the process that relays.
// Threads    One thread.
// Failure    Throws base::Unavailable and base::Conflict; nothing is lost by trying again.

#include <memory>
#include <set>
#include <string>

#include "messaging/broker.hpp"
#include "pipeline/outgoing.hpp"
#include "postgres/session.hpp"
#include "telemetry/metrics.hpp"

namespace countersign::pipeline {

class OutboxRelay {
 public:
  OutboxRelay(messaging::Broker& broker, postgres::ConnectionSettings database, std::string schema, base::Clock& clock,
              telemetry::Telemetry telemetry);

  // Relays what is stranded now, at most `most` rows; returns how many were published and deleted.
  std::size_t relay_once(std::size_t most = 500);

 private:
  bool hold_lock();
  bool may_publish(const Outgoing& outgoing) const;
  std::vector<Outgoing> find_stranded(std::size_t most);
  std::vector<base::Uuid> publish(const std::vector<Outgoing>& rows);
  postgres::Session& session();

  messaging::Broker& broker_;
  postgres::ConnectionSettings database_;
  std::string schema_;
  base::Clock& clock_;
  telemetry::Telemetry telemetry_;
  telemetry::Counter& relayed_;
  telemetry::Counter& refused_;
  telemetry::Gauge& oldest_;
  std::unique_ptr<postgres::Session> session_;
  std::unique_ptr<messaging::Producer> producer_;
  std::set<std::string> writable_;  // topics without realm
  bool locked_ = false;
};

}  // namespace countersign::pipeline
