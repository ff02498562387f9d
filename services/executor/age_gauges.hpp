#pragma once

// AgeGauges: how long the oldest of everything that waits has been waiting, for alarms: a wait that grows is where work is stuck.
//
// Threads    refresh() by one thread at a time.
// Failure    Throws what Session throws.
// Time       By the database clock. Zero when nothing waits; a lease that runs is below zero and shown as zero.

#include "postgres/session.hpp"
#include "telemetry/metrics.hpp"

namespace countersign::executor {

class AgeGauges {
 public:
  explicit AgeGauges(telemetry::Telemetry telemetry);
  void refresh(postgres::Session& session);

 private:
  telemetry::Gauge& plan_;
  telemetry::Gauge& step_;
  telemetry::Gauge& lease_;
  telemetry::Gauge& unknown_;
  telemetry::Gauge& approval_;
  telemetry::Gauge& waiting_;
  telemetry::Gauge& unknown_count_;
};

}  // namespace countersign::executor
