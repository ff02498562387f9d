#include "cli/sequences.hpp"

#include <nlohmann/json.hpp>

#include "cli/exit_codes.hpp"
#include "cli/operator_change.hpp"
#include "cli/sql.hpp"
#include "contracts/codec.hpp"
#include "contracts/message_key.hpp"
#include "pipeline/outbox_rows.hpp"
#include "pipeline/sql.hpp"

namespace countersign::cli {

namespace {

using nlohmann::json;
using postgres::Parameters;

constexpr const char* refers = "executor";
constexpr const char* reason = "sequence_passed";

struct Gap {
  std::int64_t last = 0;  // applied
  std::int64_t next = 0;  // to be applied next
};

std::optional<std::int64_t> find_first_parked(OperatorChange& change, const SequencesPassWish& wish) {
  const auto rows = change.transaction().execute(sql::find_first_parked, Parameters{}.add(wish.topic).add(wish.key));
  return rows[0].get<std::optional<std::int64_t>>(0);
}

std::vector<contracts::EffectSummary> effects_of(OperatorChange& change, const contracts::MessageKey& key) {
  std::vector<contracts::EffectSummary> effects;
  for (const auto row : change.transaction().execute(sql::find_effects_of_ticket, Parameters{}.add(key.tenant).add(key.ticket))) {
    contracts::EffectSummary effect;
    effect.run = row.get<std::int64_t>(0);
    effect.step = row.get<std::int64_t>(1);
    effect.tool = row.get<std::string>(2);
    effect.state = row.get<std::string>(3);
    effect.target = row.get<std::optional<std::string>>(4);
    if (const auto minor = row.get<std::optional<std::int64_t>>(5)) effect.amount = base::Money{*minor, row.get<std::string>(6)};
    effect.operation = row.get<std::optional<std::string>>(7);
    effects.push_back(std::move(effect));
  }
  return effects;
}

contracts::ReferralHandoff referral_of(OperatorChange& change, const SequencesPassWish& wish, const contracts::MessageKey& key,
                                       const Gap& gap) {
  contracts::ReferralHandoff referral;
  referral.tenant = key.tenant;
  referral.ticket_id = key.ticket;
  referral.run = change.transaction().execute(sql::find_last_run, Parameters{}.add(key.tenant).add(key.ticket))[0].get<std::int64_t>(0);
  referral.reason = reason;
  referral.codes = {reason};
  referral.priority = "high";
  referral.summary = "Messages " + std::to_string(gap.last + 1) + " to " + std::to_string(gap.next - 1) + " of " + wish.topic +
                     " never reached " + wish.service + " and were given up by an operator. Check that the ticket is where it should be.";
  referral.effects = effects_of(change, key);
  return referral;
}

// `states`: the executor's locked row of the key.
base::Uuid refer(OperatorChange& change, const pipeline::Territory& executor, const std::string& key, pipeline::KeyState& state,
                 const contracts::ReferralHandoff& referral) {
  pipeline::Batch batch{executor, change.transaction(), change.ids(), change.id(), change.clock().wall(), {{key, state}}, {}};
  pipeline::Emission emission;
  emission.topic = "referrals";
  emission.key = key;
  emission.type = contracts::types::referral_handoff;
  emission.tenant = referral.tenant;
  emission.subject = referral.ticket_id;
  emission.data = contracts::encode(referral);
  if (referral.run > 0) emission.correlation_id = key + "/" + std::to_string(referral.run);
  const auto id = batch.emit(std::move(emission));
  state = batch.key_state(key);
  // No incarnation has this id, so no living process takes the row for its own and the relay does.
  change.transaction().queue(pipeline::sql::insert_outbox, pipeline::outbox_parameters(change.id(), batch.outgoing()));
  return id;
}

std::string obstacle(const Gap& gap, const std::optional<std::int64_t>& parked, bool told) {
  if (!parked && !told) return "nothing is parked behind a gap; with --to N the service expects sequence N next";
  if (parked && gap.next > *parked) return "sequence " + std::to_string(*parked) + " is parked and would be thrown away";
  if (gap.next <= gap.last + 1) return "there is no gap: sequence " + std::to_string(gap.last) + " was applied last";
  return {};
}

}  // namespace

int pass_sequences(const Reach& reach, const SequencesPassWish& wish, const Console& console) {
  const auto key = contracts::split_key(wish.key);
  if (!key) throw Misused("KEY is tenant/ticket, not '" + wish.key + "'");
  auto session = open_database(database_settings(reach));
  OperatorChange change{session};
  change.in_schema(wish.service);
  const auto territory = find_territory(change.transaction(), wish.service);
  const auto slot = input_of(territory, wish.topic);
  auto state = lock_key(change.transaction(), territory, wish.key);
  const auto parked = find_first_parked(change, wish);
  const Gap gap{state.inputs[slot], wish.to.value_or(parked.value_or(0))};
  if (const auto why = obstacle(gap, parked, wish.to.has_value()); !why.empty()) {
    change.transaction().rollback();
    console.give({{"changed", false}, {"reason", why}});
    console.warn(why);
    return exit_not_well;
  }

  state.inputs[slot] = gap.next - 1;
  write_key(change.transaction(), wish.key, state);
  change.in_schema(refers);
  const auto executor = find_territory(change.transaction(), refers);
  auto referring = lock_key(change.transaction(), executor, wish.key);  // the same row again when the executor has the gap
  const auto id = refer(change, executor, wish.key, referring, referral_of(change, wish, *key, gap));
  write_key(change.transaction(), wish.key, referring);
  json report{{"key", wish.key},      {"service", wish.service}, {"topic", wish.topic},
              {"from", gap.last + 1}, {"to", gap.next - 1},      {"referral", id.str()}};
  change.audit(key->tenant, key->ticket, "sequences_passed", report);
  change.commit();

  report["changed"] = true;
  console.give(report);
  console.say(wish.service + " goes on with sequence " + std::to_string(gap.next) + " of " + wish.topic + " for " + wish.key + ".");
  console.say("A handoff is being opened by referral " + id.str() + ".");
  return exit_well;
}

}  // namespace countersign::cli
