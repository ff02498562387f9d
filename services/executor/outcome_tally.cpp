#include "executor/outcome_tally.hpp"

#include <string>
#include <vector>

namespace countersign::executor {

namespace {

using domain::StopReason;

// Up to three days: what people must decide takes as long as they take.
const std::vector<double>& buckets() {
  static const std::vector<double> seconds{0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600, 14400, 43200, 86400, 259200};
  return seconds;
}

}  // namespace

OutcomeTally::OutcomeTally(telemetry::Metrics& metrics) {
  // All but `superseded`, which ends a run and never a ticket.
  for (const auto outcome : {StopReason::resolved, StopReason::draft_ready, StopReason::denied, StopReason::escalated, StopReason::failed,
                             StopReason::cancelled}) {
    const telemetry::Labels labels{{"outcome", std::string(domain::name_of(outcome))}};
    series_[outcome] = {
        &metrics.counter("outcomes_total", "Outcomes of tickets.", labels),
        &metrics.histogram("outcome_seconds", "From the opening of the run that ended a ticket to its outcome, people's time included.",
                           buckets(), labels)};
  }
}

void OutcomeTally::count(StopReason outcome) const { series_.at(outcome).total->add(); }

void OutcomeTally::count(StopReason outcome, std::chrono::duration<double> took) const {
  count(outcome);
  series_.at(outcome).seconds->observe(took.count());
}

}  // namespace countersign::executor
