#include "outbox/delivery_census.hpp"

#include "outbox/sql.hpp"

namespace countersign::outbox {

namespace {

telemetry::Gauge& deliveries(telemetry::Telemetry telemetry, const char* state) {
  return telemetry.metrics.gauge("deliveries", "Deliveries that are not delivered, by state.", {{"state", state}});
}

}  // namespace

DeliveryCensus::DeliveryCensus(telemetry::Telemetry telemetry)
    : ready_(deliveries(telemetry, "ready")),
      leased_(deliveries(telemetry, "leased")),
      dead_(deliveries(telemetry, "dead")),
      oldest_due_(telemetry.metrics.gauge("delivery_oldest_due_seconds", "How long the longest waiting delivery is overdue.")) {
  for (const auto* state : {"throttled", "broken", "disabled"})
    endpoints_[state] =
        &telemetry.metrics.gauge("endpoints_unwell", "Endpoints that are not sent to as usual, by state.", {{"state", state}});
}

void DeliveryCensus::count_once(postgres::Session& session) {
  const auto counts = session.execute(sql::count_deliveries);
  ready_.set(static_cast<double>(counts[0].get<std::int64_t>(0)));
  leased_.set(static_cast<double>(counts[0].get<std::int64_t>(1)));
  dead_.set(static_cast<double>(counts[0].get<std::int64_t>(2)));
  oldest_due_.set(session.execute(sql::find_oldest_due)[0].get<double>(0));
  std::map<std::string, double> unwell;
  for (const auto row : session.execute(sql::count_endpoint_states))
    unwell[row.get<std::string>(0)] = static_cast<double>(row.get<std::int64_t>(1));
  for (const auto& [state, gauge] : endpoints_) gauge->set(unwell[state]);
}

}  // namespace countersign::outbox
