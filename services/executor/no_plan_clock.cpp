#include "executor/no_plan_clock.hpp"

#include "contracts/message_key.hpp"
#include "domain/codes.hpp"
#include "executor/locking.hpp"
#include "executor/sql.hpp"
#include "runtime/retrying_loop.hpp"

namespace countersign::executor {

namespace {

bool overdue(const TicketCase& one, base::WallTime now, std::chrono::milliseconds longest_wait) {
  return one.run && one.run->state == domain::RunState::awaiting_plan && one.run->waiting_since + longest_wait <= now;
}

}  // namespace

NoPlanClock::NoPlanClock(pipeline::CoreParts parts, const CaseStore& store, const RunConductor& conductor, NoPlanOptions options)
    : parts_(parts),
      store_(store),
      conductor_(conductor),
      options_(options),
      runner_(parts, "no-plan"),
      escalated_(parts.telemetry.metrics.counter("runs_without_plan_total", "Runs escalated because no plan came.")) {}

std::size_t NoPlanClock::strike_once() {
  const auto rows = runner_.session().execute(
      sql::find_planless_runs,
      postgres::Parameters{}.add(std::chrono::microseconds(options_.longest_wait)).add(static_cast<std::int64_t>(options_.most_at_once)));
  if (rows.empty()) return 0;
  std::vector<std::string> keys;
  for (const auto row : rows) keys.push_back(contracts::make_key(row.get<std::string>(0), row.get<std::string>(1)));
  const auto request = locking(std::move(keys));
  std::size_t struck = 0;
  runner_.run(request, [&](pipeline::Batch& batch) {
    struck = 0;
    auto cases = store_.load(batch, request.keys);
    for (auto& [key, one] : cases) {
      if (!overdue(one, batch.now(), options_.longest_wait)) continue;
      conductor_.escalate(one, domain::codes::no_plan, batch);
      ++struck;
    }
    store_.save(batch, cases);
  });
  escalated_.add(static_cast<double>(struck));
  return struck;
}

void NoPlanClock::run(std::stop_token stop) {
  base::Bell nobody_rings;
  runtime::run_retrying("no-plan", parts_.clock, parts_.telemetry, stop, [&] { return strike_once() > 0; }, nobody_rings,
                        {.pause = options_.poll});
}

}  // namespace countersign::executor
