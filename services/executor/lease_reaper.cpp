#include "executor/lease_reaper.hpp"

#include "base/crash_point.hpp"
#include "domain/codes.hpp"
#include "executor/all_or_each.hpp"
#include "executor/letter.hpp"
#include "executor/locking.hpp"
#include "executor/sql.hpp"
#include "runtime/retrying_loop.hpp"

namespace countersign::executor {

struct LeaseReaper::Found {
  std::string tenant;
  std::string ticket;
  std::int32_t run;
  std::int32_t step;
  base::Uuid token;
  std::string tool;

  std::string key() const { return tenant + "/" + ticket; }
};

LeaseReaper::LeaseReaper(pipeline::CoreParts parts, const CaseStore& store, const EffectSettler& settler,
                         const ConfigurationWatch& configuration, base::Bell& claimable, ReaperOptions options)
    : parts_(parts),
      store_(store),
      settler_(settler),
      configuration_(configuration),
      claimable_(claimable),
      options_(options),
      runner_(parts, "leases"),
      reaped_(parts.telemetry.metrics.counter("leases_ended_total", "Claims whose lane went silent.")) {}

void LeaseReaper::run(std::stop_token stop) {
  bool begun = false;
  base::Bell nobody;
  const auto once = [&] {
    if (configuration_.current() == nullptr) return false;
    if (!begun) {
      while (reap_predecessors() > 0) continue;
      begun = true;
    }
    return reap_once() > 0;
  };
  runtime::run_retrying("lease_reaper", parts_.clock, parts_.telemetry, std::move(stop), once, nobody, {.pause = options_.poll});
}

std::size_t LeaseReaper::reap_once() {
  const auto most = static_cast<std::int64_t>(options_.most_at_once);
  return settle(runner_.session().execute(sql::find_ended_leases, postgres::Parameters{}.add(most)));
}

std::size_t LeaseReaper::reap_predecessors() {
  const auto most = static_cast<std::int64_t>(options_.most_at_once);
  return settle(
      runner_.session().execute(sql::find_predecessors_claims,
                                postgres::Parameters{}.add(most).add(parts_.incarnation.instance()).add(parts_.incarnation.current())));
}

std::size_t LeaseReaper::settle(const postgres::Rows& rows) {
  const auto snapshot = configuration_.current();
  // Without manifests every silence would be as bad as it can be.
  if (rows.empty() || snapshot == nullptr) return 0;
  std::vector<Found> all;
  for (const auto row : rows)
    all.push_back({row.get<std::string>(0), row.get<std::string>(1), static_cast<std::int32_t>(row.get<std::int64_t>(2)),
                   static_cast<std::int32_t>(row.get<std::int64_t>(3)), row.get<base::Uuid>(4), row.get<std::string>(5)});
  return all_or_each(all, parts_.telemetry.log, "lease_refused",
                     [&](const std::vector<Found>& some) { return settle_together(some, *snapshot); });
}

std::size_t LeaseReaper::settle_together(const std::vector<Found>& all, const catalog::Snapshot& snapshot) {
  std::vector<std::string> keys;
  for (const auto& found : all) keys.push_back(found.key());
  std::size_t settled = 0;
  const auto request = locking(std::move(keys));
  runner_.run(request, [&](pipeline::Batch& batch) {
    settled = 0;
    auto cases = store_.load(batch, request.keys);
    for (const auto& found : all) {
      TicketCase& one = cases.at(found.key());
      Step* step = one.find_step(found.run, found.step);
      // Its result may have been recorded since it was found; a lease is never renewed, so that its token says enough.
      if (step == nullptr || step->state != domain::StepState::claimed || step->token != found.token) continue;
      // What nobody waits for any more must not arrive after a person has answered by hand.
      if (with_outbox(*step)) take_back_letter(one, *step, domain::codes::answer_lost, batch);
      EndedCall call;
      call.end = {.kind = domain::CallEnd::Kind::lease_ended};
      call.sent = 1;  // nobody knows better
      settler_.settle(one, *step, snapshot.find_tool(found.tenant, found.tool), call, batch);
      ++settled;
    }
    store_.save(batch, cases);
  });
  base::crash_point("after_reap");
  reaped_.add(static_cast<double>(settled));
  if (settled > 0) claimable_.ring();
  return settled;
}

}  // namespace countersign::executor
