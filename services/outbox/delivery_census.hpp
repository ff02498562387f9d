#pragma once

// DeliveryCensus: how many deliveries are in which state, how long the oldest one is overdue, and how many endpoints are not well.
//
// Threads    One thread calls count_once().
// Failure    Throws what Session throws.

#include <map>
#include <string>

#include "postgres/session.hpp"
#include "telemetry/metrics.hpp"

namespace countersign::outbox {

class DeliveryCensus {
 public:
  explicit DeliveryCensus(telemetry::Telemetry telemetry);

  void count_once(postgres::Session& session);

 private:
  telemetry::Gauge& ready_;
  telemetry::Gauge& leased_;
  telemetry::Gauge& dead_;
  telemetry::Gauge& oldest_due_;
  std::map<std::string, telemetry::Gauge*> endpoints_;  // by state
};

}  // namespace countersign::outbox
