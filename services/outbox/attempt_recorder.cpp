#include "outbox/attempt_recorder.hpp"

#include <nlohmann/json.hpp>
#include <set>

#include "base/crash_point.hpp"
#include "outbox/sql.hpp"
#include "runtime/retrying_loop.hpp"

namespace countersign::outbox {

namespace {

constexpr std::size_t most_attempts_at_once = 500;

constexpr AttemptOutcome told_outcomes[] = {AttemptOutcome::delivered, AttemptOutcome::refused, AttemptOutcome::not_sent,
                                            AttemptOutcome::unknown};

TargetName name_of(const AttemptReport& report) { return target_of(report.call); }

pipeline::AuditEntry disabled_audit(const AttemptReport& report, const std::string& reason) {
  nlohmann::json detail{{"endpoint", report.call.endpoint->name}, {"reason", reason}};
  if (report.end.status) detail["status"] = *report.end.status;
  return {
      .tenant = report.call.endpoint->tenant, .ticket = report.call.claim.ticket, .event = "endpoint_disabled", .detail = detail.dump()};
}

postgres::Parameters to_parameters(const std::map<TargetName, EndpointHealth>& changed) {
  std::vector<std::string> tenants, endpoints, states;
  std::vector<std::int64_t> versions;
  std::vector<std::int32_t> failures, fruitless;
  std::vector<std::optional<base::WallTime>> not_before, failing_since;
  std::vector<std::optional<std::string>> reasons;
  for (const auto& [name, health] : changed) {
    tenants.push_back(name.first);
    endpoints.push_back(name.second);
    versions.push_back(health.version);
    states.push_back(health.state);
    failures.push_back(health.failures);
    not_before.push_back(health.not_before);
    reasons.push_back(health.reason.empty() ? std::nullopt : std::optional(health.reason));
    fruitless.push_back(health.fruitless);
    failing_since.push_back(health.failing_since);
  }
  return std::move(postgres::Parameters{}
                       .add(tenants)
                       .add(endpoints)
                       .add(versions)
                       .add(states)
                       .add(failures)
                       .add(not_before)
                       .add(reasons)
                       .add(fruitless)
                       .add(failing_since));
}

}  // namespace

// What a transaction did, told once it is committed.
struct AttemptRecorder::Tally {
  std::map<AttemptOutcome, int> outcomes;
  int late = 0;
  int throttled = 0;
  int ready = 0;  // again
  std::vector<const AttemptReport*> dead;
  std::vector<std::pair<TargetName, EndpointHealth>> turned;  // endpoints whose state changed
};

AttemptRecorder::AttemptRecorder(pipeline::CoreParts parts, WebhookSender& sender, base::Bell& ended, DueBell& due,
                                 std::chrono::milliseconds patience)
    : parts_(parts),
      sender_(sender),
      ended_(ended),
      due_(due),
      patience_(patience),
      runner_(parts, "delivery_attempts"),
      delivered_(parts.telemetry.metrics.counter("deliveries_delivered_total", "Deliveries that an endpoint took.")),
      dead_(parts.telemetry.metrics.counter("deliveries_dead_total", "Deliveries given up after their last attempt.")),
      late_(parts.telemetry.metrics.counter("delivery_attempts_late_total", "Ends of attempts whose claim stood no more.")),
      throttled_(parts.telemetry.metrics.counter("endpoint_throttles_total", "Answers that asked us to come later.")),
      broken_(parts.telemetry.metrics.counter("endpoint_breaks_total", "Endpoints found broken: many failures in a row.")),
      disabled_(parts.telemetry.metrics.counter("endpoints_disabled_total",
                                                "Endpoints disabled by 410 Gone, or after days without a delivery.")) {
  for (const auto outcome : told_outcomes)
    attempts_[outcome] = &parts.telemetry.metrics.counter("delivery_attempts_total", "Attempts to deliver, by their end.",
                                                          {{"outcome", outbox::name_of(outcome)}});
}

void AttemptRecorder::run(std::stop_token stop) {
  runtime::run_retrying(
      "attempt_recorder", parts_.clock, parts_.telemetry, std::move(stop), [this] { return record_once() > 0; }, ended_);
  try {
    while (record_once() > 0) {
    }
  } catch (const std::runtime_error& trouble) {
    parts_.telemetry.log.warning("attempts_not_recorded", {{"error", trouble.what()}});  // their leases end, and they are tried again
  }
}

std::size_t AttemptRecorder::record_once() {
  if (pending_.empty()) pending_ = sender_.collect_ended(most_attempts_at_once);
  if (pending_.empty()) return 0;
  Tally tally;
  runner_.run({}, [&](pipeline::Batch& batch) {
    tally = {};
    record(batch, tally);
  });
  base::crash_point("after_attempts_recorded");
  const auto recorded = std::exchange(pending_, {});
  sender_.release(recorded);
  for (const auto* report : tally.dead)
    parts_.telemetry.log.warning("delivery_dead", {{"tenant", report->call.endpoint->tenant},
                                                   {"endpoint", report->call.endpoint->name},
                                                   {"delivery", report->call.claim.delivery.str()},
                                                   {"error", report->end.error}});
  tell(tally);
  if (tally.ready > 0)
    due_.ring();
  else
    due_.ring_for_who_waits();
  return recorded.size();
}

void AttemptRecorder::record(pipeline::Batch& batch, Tally& tally) {
  const auto known = ask_for_health(batch);
  AttemptRows rows;
  std::vector<std::string> states;
  std::uniform_real_distribution<double> spread(0, 1);
  for (const auto& [call, end] : pending_) {
    auto next = next_step(end, call.claim.attempts, call.claim.lapses, call.endpoint->schedule, spread(random_));
    if (next.state == "ready") ++tally.ready;
    states.push_back(next.state);
    rows.add(call.claim.delivery, call.claim.token, end, std::move(next.state), batch.now() + next.due_in, batch);
  }
  const auto written = rows.queue(batch);
  batch.transaction().flush();
  const Health before = read_health(batch.transaction().take(known));
  const auto numbers = AttemptRows::read_numbers(batch.transaction().take(written));
  for (std::size_t i = 0; i < pending_.size(); ++i) {
    const auto& [call, end] = pending_[i];
    const auto number = numbers.find(call.claim.delivery);
    if (number == numbers.end()) {
      ++tally.late;
      continue;
    }
    if (end.outcome == AttemptOutcome::called_off) continue;
    ++tally.outcomes[end.outcome];
    if (states[i] == "dead") tally.dead.push_back(&pending_[i]);
    batch.audit(
        attempt_audit(call.endpoint->tenant, call.claim.ticket, call.endpoint->name, call.claim.delivery, number->second, end, states[i]));
  }
  heed_endpoints(before, batch, tally);
}

postgres::Transaction::Claim AttemptRecorder::ask_for_health(pipeline::Batch& batch) const {
  std::set<TargetName> names;
  for (const auto& report : pending_) names.insert(name_of(report));
  std::vector<std::string> tenants, endpoints;
  for (const auto& [tenant, endpoint] : names) {
    tenants.push_back(tenant);
    endpoints.push_back(endpoint);
  }
  return batch.transaction().queue(sql::find_endpoint_states, postgres::Parameters{}.add(tenants).add(endpoints));
}

AttemptRecorder::Health AttemptRecorder::read_health(const postgres::Rows& rows) {
  Health found;
  for (const auto row : rows)
    found[{row.get<std::string>(0), row.get<std::string>(1)}] = {.version = row.get<std::int64_t>(2),
                                                                 .state = row.get<std::string>(3),
                                                                 .failures = static_cast<int>(row.get<std::int64_t>(4)),
                                                                 .not_before = row.get<std::optional<base::WallTime>>(5),
                                                                 .reason = row.get<std::optional<std::string>>(6).value_or(""),
                                                                 .fruitless = static_cast<int>(row.get<std::int64_t>(7)),
                                                                 .failing_since = row.get<std::optional<base::WallTime>>(8)};
  return found;
}

void AttemptRecorder::heed_endpoints(const Health& before, pipeline::Batch& batch, Tally& tally) {
  Health after = before;
  for (const auto& report : pending_) {
    EndpointHealth& health = after[name_of(report)];
    auto judged = judge_endpoint(health, report.end, report.call.endpoint->version, batch.now(), patience_);
    if (report.end.status && throttles(*report.end.status)) ++tally.throttled;
    if (judged.state == "disabled" && health.state != "disabled") batch.audit(disabled_audit(report, judged.reason));
    if (judged.state != health.state) tally.turned.emplace_back(name_of(report), judged);
    health = std::move(judged);
  }
  // An endpoint that was never anything but well needs no row.
  std::erase_if(after, [&](const auto& entry) {
    const auto known = before.find(entry.first);
    return known != before.end() ? known->second == entry.second : entry.second.state == "open" && entry.second.fruitless == 0;
  });
  if (!after.empty()) batch.transaction().queue(sql::write_endpoint_states, to_parameters(after));
}

void AttemptRecorder::tell(const Tally& tally) {
  for (const auto& [outcome, count] : tally.outcomes) attempts_.at(outcome)->add(count);
  if (const auto good = tally.outcomes.find(AttemptOutcome::delivered); good != tally.outcomes.end()) delivered_.add(good->second);
  dead_.add(static_cast<double>(tally.dead.size()));
  late_.add(tally.late);
  throttled_.add(tally.throttled);
  for (const auto& [name, health] : tally.turned) {
    if (health.state == "broken") broken_.add();
    if (health.state == "disabled") disabled_.add();
    parts_.telemetry.log.warning("endpoint_turned",
                                 {{"tenant", name.first}, {"endpoint", name.second}, {"state", health.state}, {"reason", health.reason}});
  }
}

}  // namespace countersign::outbox
