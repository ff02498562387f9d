#include "approval/waiting_gauges.hpp"

#include <algorithm>

#include "approval/sql.hpp"

namespace countersign::approval {

WaitingGauges::WaitingGauges(telemetry::Telemetry telemetry)
    : approvals_(telemetry.metrics.gauge("approvals_waiting", "Approvals that people have not decided yet.")),
      oldest_approval_(
          telemetry.metrics.gauge("oldest_waiting_approval_seconds", "How long the oldest undecided approval has been waiting.")),
      handoffs_(telemetry.metrics.gauge("handoffs_open", "Handoffs that nobody has claimed.")),
      oldest_handoff_(
          telemetry.metrics.gauge("oldest_open_handoff_seconds", "How long the oldest open handoff has waited to be claimed.")) {}

void WaitingGauges::refresh(postgres::Session& session) {
  const auto rows = session.execute(sql::find_waiting);
  approvals_.set(static_cast<double>(rows[0].get<std::int64_t>(0)));
  oldest_approval_.set(std::max(0.0, rows[0].get<double>(1)));
  handoffs_.set(static_cast<double>(rows[0].get<std::int64_t>(2)));
  oldest_handoff_.set(std::max(0.0, rows[0].get<double>(3)));
}

}  // namespace countersign::approval
