#include "executor/age_gauges.hpp"

#include <algorithm>

#include "executor/sql.hpp"

namespace countersign::executor {

AgeGauges::AgeGauges(telemetry::Telemetry telemetry)
    : plan_(telemetry.metrics.gauge("oldest_run_without_plan_seconds", "How long the oldest run has been waiting for a plan.")),
      step_(telemetry.metrics.gauge("oldest_ready_step_seconds", "How long the oldest step has been due to be claimed.")),
      lease_(telemetry.metrics.gauge("oldest_ended_lease_seconds", "How long ago the oldest lease ended that nobody has settled.")),
      unknown_(telemetry.metrics.gauge("oldest_unknown_effect_seconds", "How long the oldest unknown effect has been so.")),
      approval_(telemetry.metrics.gauge("oldest_waiting_step_seconds", "How long the oldest step has been waiting for people.")),
      waiting_(telemetry.metrics.gauge("steps_waiting_for_approval", "Steps that wait for people.")),
      unknown_count_(telemetry.metrics.gauge("unknown_effects", "Effects of which nobody knows whether they happened.")) {}

void AgeGauges::refresh(postgres::Session& session) {
  const auto rows = session.execute(sql::find_oldest_ages);
  const auto age = [&](int column) { return std::max(0.0, rows[0].get<double>(column)); };
  plan_.set(age(0));
  step_.set(age(1));
  lease_.set(age(2));
  unknown_.set(age(3));
  unknown_count_.set(static_cast<double>(rows[0].get<std::int64_t>(4)));
  approval_.set(age(5));
  waiting_.set(static_cast<double>(rows[0].get<std::int64_t>(6)));
}

}  // namespace countersign::executor
