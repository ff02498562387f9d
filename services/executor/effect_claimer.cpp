#include "executor/effect_claimer.hpp"

#include <algorithm>
#include <set>

#include "executor/all_or_each.hpp"
#include "executor/locking.hpp"
#include "executor/sql.hpp"
#include "runtime/retrying_loop.hpp"

namespace countersign::executor {

namespace {

// The database's configuration is not the one that the gate judged by.
struct ConfigurationMoved {};

}  // namespace

struct EffectClaimer::Candidate {
  std::string tenant;
  std::string ticket;
  std::int32_t run = 0;
  std::int32_t step = 0;
  std::string tool;

  std::string key() const { return tenant + "/" + ticket; }
};

EffectClaimer::EffectClaimer(pipeline::CoreParts parts, const CaseStore& store, const ClaimDesk& desk, ConfigurationWatch& configuration,
                             CallSlots& slots, base::Bell& bell, ClaimerOptions options)
    : parts_(parts),
      store_(store),
      desk_(desk),
      configuration_(configuration),
      slots_(slots),
      bell_(bell),
      options_(options),
      size_(options_.most_at_once),
      runner_(parts, "claims"),
      stale_(
          parts.telemetry.metrics.counter("stale_configuration_total", "Claim rounds given up because the configuration had moved on.")) {}

void EffectClaimer::run(std::stop_token stop) {
  runtime::run_retrying("effect_claimer", parts_.clock, parts_.telemetry, std::move(stop), [this] { return claim_once() > 0; }, bell_,
                        {.pause = options_.poll});
}

std::size_t EffectClaimer::claim_once() {
  return size_.around([this] { return claim_round(); });
}

std::size_t EffectClaimer::claim_round() {
  const auto configuration = configuration_.current();
  if (configuration == nullptr) return 0;
  SlotHold hold(slots_);
  const auto candidates = find_candidates(hold);
  if (candidates.empty()) return 0;
  return all_or_each(candidates, parts_.telemetry.log, "claim_refused",
                     [&](const std::vector<Candidate>& chosen) { return settle(chosen, configuration, hold); });
}

// One candidate a ticket: its second could only be judged by what becomes of the first.
std::vector<EffectClaimer::Candidate> EffectClaimer::find_candidates(SlotHold& hold) {
  const auto room = slots_.look();
  if (room.free == 0) return {};
  const auto most = static_cast<std::int64_t>(std::min(room.free, size_.now()));
  std::vector<Candidate> chosen;
  std::set<std::string> keys;
  const auto rows = runner_.session().execute(sql::find_claimable_steps, postgres::Parameters{}.add(most).add(room.full));
  bool found_all = rows.size() < most;
  for (const auto row : rows) {
    Candidate candidate{row.get<std::string>(0), row.get<std::string>(1), static_cast<std::int32_t>(row.get<std::int64_t>(2)),
                        static_cast<std::int32_t>(row.get<std::int64_t>(3)), row.get<std::string>(4)};
    if (keys.contains(candidate.key())) continue;
    if (!hold.take(bulkhead_of(candidate.tenant, candidate.tool))) {
      found_all = false;
      continue;
    }
    keys.insert(candidate.key());
    chosen.push_back(std::move(candidate));
  }
  slots_.note_round(room, found_all);
  return chosen;
}

std::size_t EffectClaimer::settle(const std::vector<Candidate>& candidates, const Configuration& configuration, SlotHold& hold) {
  std::vector<std::string> keys;
  for (const auto& candidate : candidates) keys.push_back(candidate.key());
  Decided decided;
  try {
    runner_.run(locking(std::move(keys)), [&](pipeline::Batch& batch) { decided = work(candidates, configuration, batch); });
  } catch (const ConfigurationMoved&) {
    stale_.add();
    if (configuration_.refresh_once()) bell_.ring();
    return 0;
  }
  const std::size_t count = decided.count();
  desk_.hand_over(std::move(decided), hold);
  return count;
}

Decided EffectClaimer::work(const std::vector<Candidate>& candidates, const Configuration& configuration, pipeline::Batch& batch) {
  std::vector<std::string> keys;
  for (const auto& candidate : candidates) keys.push_back(candidate.key());
  auto cases = store_.load(batch, keys, Expected::untouched_steps);
  std::vector<DueStep> due;
  for (const auto& candidate : candidates) {
    TicketCase& one = cases.at(candidate.key());
    if (Step* step = one.find_step(candidate.run, candidate.step)) due.push_back({&one, step});
  }
  auto decided = desk_.settle(cases, due, configuration, ClaimDesk::People::asked, batch);
  if (decided.configuration_replaced) throw ConfigurationMoved{};
  store_.save(batch, cases);
  return decided;
}

}  // namespace countersign::executor
