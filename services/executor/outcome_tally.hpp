#pragma once

// OutcomeTally: how tickets end, and how long their last run took, as metrics.
//
// Counted when the outcome is decided, in the open transaction: one that is rolled back and tried again counts twice.
//
// Threads    Any thread.

#include <chrono>
#include <map>

#include "domain/run.hpp"
#include "telemetry/metrics.hpp"

namespace countersign::executor {

class OutcomeTally {
 public:
  explicit OutcomeTally(telemetry::Metrics& metrics);
  void count(domain::StopReason outcome) const;
  // The same for a run: from its opening to its outcome, people's time included.
  void count(domain::StopReason outcome, std::chrono::duration<double> took) const;

 private:
  struct Series {
    telemetry::Counter* total;
    telemetry::Histogram* seconds;
  };
  std::map<domain::StopReason, Series> series_;
};

}  // namespace countersign::executor
