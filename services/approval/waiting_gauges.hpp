#pragma once

// WaitingGauges: how much waits for people, and since when. What waits longest is where somebody is missing.
//
// Threads    refresh() by one thread at a time.
// Failure    Throws what Session throws.
// Time       By the database clock. Zero when nothing waits.

#include "postgres/session.hpp"
#include "telemetry/metrics.hpp"

namespace countersign::approval {

class WaitingGauges {
 public:
  explicit WaitingGauges(telemetry::Telemetry telemetry);
  void refresh(postgres::Session& session);

 private:
  telemetry::Gauge& approvals_;
  telemetry::Gauge& oldest_approval_;
  telemetry::Gauge& handoffs_;
  telemetry::Gauge& oldest_handoff_;
};

}  // namespace countersign::approval
