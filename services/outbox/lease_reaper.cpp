#include "outbox/lease_reaper.hpp"

#include "outbox/attempt_rows.hpp"
#include "outbox/delivery_rules.hpp"
#include "outbox/sql.hpp"
#include "runtime/retrying_loop.hpp"

namespace countersign::outbox {

namespace {

constexpr std::int64_t most_leases_at_once = 500;
constexpr std::chrono::milliseconds between_rounds{500};

}  // namespace

LeaseReaper::LeaseReaper(pipeline::CoreParts parts, DueBell& due)
    : parts_(parts),
      due_(due),
      runner_(parts, "delivery_leases"),
      reaped_(parts.telemetry.metrics.counter("delivery_leases_ended_total", "Claims taken back because their lane was silent.")),
      dead_(parts.telemetry.metrics.counter("deliveries_dead_total", "Deliveries given up after their last attempt.")) {}

void LeaseReaper::run(std::stop_token stop) {
  base::Bell bell;
  runtime::run_retrying("delivery_lease_reaper", parts_.clock, parts_.telemetry, std::move(stop), [this] { return reap_once() > 0; }, bell,
                        {.pause = between_rounds});
}

std::size_t LeaseReaper::reap_once() {
  return settle(
      runner_.session().execute(sql::find_ended_leases, postgres::Parameters{}.add(most_leases_at_once).add(std::string("webhook"))));
}

std::size_t LeaseReaper::reap_predecessors() {
  std::size_t all = 0;
  for (std::size_t reaped = 1; reaped > 0; all += reaped)
    reaped = settle(runner_.session().execute(sql::find_predecessors_leases, postgres::Parameters{}
                                                                                 .add(most_leases_at_once)
                                                                                 .add(parts_.incarnation.instance())
                                                                                 .add(parts_.incarnation.current())
                                                                                 .add(std::string("webhook"))));
  return all;
}

std::size_t LeaseReaper::settle(const postgres::Rows& ended) {
  if (ended.empty()) return 0;
  const AttemptEnd silence{.outcome = AttemptOutcome::lease_ended, .error = "the lane fell silent"};
  std::vector<std::string> dead;
  const auto state_of = [&](const postgres::Row& row) {
    return next_step(silence, 0, static_cast<int>(row.get<std::int64_t>(5)), {}, 0).state;
  };
  runner_.run({}, [&](pipeline::Batch& batch) {
    dead.clear();
    AttemptRows rows;
    for (const auto row : ended) rows.add(row.get<base::Uuid>(0), row.get<base::Uuid>(1), silence, state_of(row), batch.now(), batch);
    const auto numbers = rows.write(batch);
    for (const auto row : ended) {
      const auto number = numbers.find(row.get<base::Uuid>(0));
      if (number == numbers.end()) continue;
      const auto state = state_of(row);
      if (state == "dead") dead.push_back(number->first.str());
      batch.audit(attempt_audit(row.get<std::string>(2), row.get<std::string>(3), row.get<std::string>(4), number->first, number->second,
                                silence, state));
    }
  });
  reaped_.add(ended.size());
  dead_.add(static_cast<double>(dead.size()));
  for (const auto& delivery : dead) parts_.telemetry.log.warning("delivery_dead", {{"delivery", delivery}, {"error", silence.error}});
  parts_.telemetry.log.warning("delivery_leases_ended", {{"deliveries", ended.size()}});
  due_.ring();
  return static_cast<std::size_t>(ended.size());
}

}  // namespace countersign::outbox
