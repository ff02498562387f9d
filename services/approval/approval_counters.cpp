#include "approval/approval_counters.hpp"

namespace countersign::approval {

namespace {

// From a second to a week: people, not machines, are waited for.
const std::vector<double> wait_buckets{1, 5, 15, 60, 300, 900, 3600, 4 * 3600, 12 * 3600, 24 * 3600, 3 * 24 * 3600, 7 * 24 * 3600};

using domain::ApprovalState;

telemetry::Counter& end(telemetry::Metrics& metrics, const std::string& name) {
  return metrics.counter("approvals_total", "Approvals by how they ended; one that is granted ends again when it is used.",
                         {{"end", name}});
}

telemetry::Counter& countersignatures(telemetry::Metrics& metrics, const char* kind) {
  return metrics.counter("countersignatures_total", "Countersignatures made.", {{"kind", kind}});
}

}  // namespace

ApprovalCounters::ApprovalCounters(telemetry::Telemetry telemetry)
    : metrics_(telemetry.metrics),
      requested_(telemetry.metrics.counter("approvals_requested_total", "Actions that people were asked about.")),
      repeated_(telemetry.metrics.counter("approvals_repeated_total", "Requests that came a second time, exactly alike.")),
      unverifiable_(telemetry.metrics.counter("referrals_unverifiable_total",
                                              "Requests that contradict themselves, their signature or an earlier one.")),
      untold_(telemetry.metrics.counter("approvals_untold_total", "Messages about approvals of tenants that no realm carries.")),
      decisions_repeated_(telemetry.metrics.counter("decisions_repeated_total", "Decisions that came a second time, exactly alike.")),
      first_signed_(countersignatures(telemetry.metrics, "first")),
      signed_again_(countersignatures(telemetry.metrics, "again")),
      wait_(telemetry.metrics.histogram("approval_wait_seconds", "From the request to the end of the waiting.", wait_buckets)) {
  ends_[ApprovalState::approved] = &end(metrics_, "granted");
  for (const auto state :
       {ApprovalState::denied, ApprovalState::changes_requested, ApprovalState::expired, ApprovalState::withdrawn, ApprovalState::consumed})
    ends_[state] = &end(metrics_, std::string(domain::name_of(state)));
}

void ApprovalCounters::moved(const Approval& approval) {
  ends_.at(approval.state)->add();
  if (approval.state == ApprovalState::consumed || !approval.decided_at) return;
  wait_.observe(std::chrono::duration<double>(*approval.decided_at - approval.requested_at).count());
}

void ApprovalCounters::countersigned(bool again) { (again ? signed_again_ : first_signed_).add(); }

void ApprovalCounters::decided(std::string_view verb, const std::string& code) {
  metrics_
      .counter("decisions_total", "Decisions by what was said, whether it counted, and why not.",
               {{"verb", std::string(verb)}, {"verdict", code.empty() ? "counted" : "refused"}, {"reason", code}})
      .add();
}

}  // namespace countersign::approval
