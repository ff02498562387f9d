#include "approval/handoff_store.hpp"

#include <nlohmann/json.hpp>

#include "approval/sql.hpp"
#include "base/invariant.hpp"
#include "contracts/codec.hpp"

namespace countersign::approval {

using postgres::Parameters;

namespace {

using Texts = std::vector<std::string>;

Handoff read_handoff(const postgres::Row& row) {
  Handoff one;
  one.tenant = row.get<std::string>(0);
  one.ticket_id = row.get<std::string>(1);
  one.id = row.get<base::Uuid>(2);
  one.state = row.get<std::string>(3);
  one.run = row.get<std::int64_t>(4);
  one.reason = row.get<std::string>(5);
  one.codes = row.get<std::vector<std::string>>(6);
  const auto priority = domain::find_named<domain::HandoffPriority>(row.get<std::string>(7));
  COUNTERSIGN_INVARIANT(priority.has_value(), "the table admits only the priorities of the enum");
  one.priority = *priority;
  one.summary = row.get<std::string>(8);
  auto effects = contracts::decode_effects(row.get<std::string>(9));
  COUNTERSIGN_INVARIANT(effects.has_value(), "what was stored was decoded before");
  one.effects = std::move(*effects);
  one.referral_id = row.get<base::Uuid>(10);
  one.opened_at = row.get<base::WallTime>(11);
  return one;
}

}  // namespace

std::map<std::string, Handoff> HandoffStore::find_open(pipeline::Batch& batch, const std::vector<std::string>& keys) const {
  Texts tenants, tickets;
  for (const auto& key : keys) {
    const auto parts = contracts::split_key(key);
    COUNTERSIGN_INVARIANT(parts.has_value(), "the core admits only keys that are tenant/ticket");
    tenants.push_back(parts->tenant);
    tickets.push_back(parts->ticket);
  }
  std::map<std::string, Handoff> found;
  for (const auto row : batch.transaction().execute(sql::find_open_handoffs, Parameters{}.add(tenants).add(tickets))) {
    auto one = read_handoff(row);
    found.emplace(one.key(), std::move(one));
  }
  return found;
}

void HandoffStore::save(pipeline::Batch& batch, const std::vector<const Handoff*>& handoffs) const {
  if (handoffs.empty()) return;
  Texts tenants, tickets, states, reasons, codes, priorities, summaries, effects;
  std::vector<base::Uuid> ids, referrals;
  std::vector<std::int64_t> runs;
  std::vector<base::WallTime> opened;
  for (const Handoff* one : handoffs) {
    tenants.push_back(one->tenant);
    ids.push_back(one->id);
    tickets.push_back(one->ticket_id);
    runs.push_back(one->run);
    states.push_back(one->state);
    reasons.push_back(one->reason);
    codes.push_back(nlohmann::json(one->codes).dump());
    priorities.emplace_back(domain::name_of(one->priority));
    summaries.push_back(one->summary);
    effects.push_back(contracts::encode(one->effects));
    referrals.push_back(one->referral_id);
    opened.push_back(one->opened_at);
  }
  batch.transaction().queue(sql::upsert_handoffs, Parameters{}
                                                      .add(tenants)
                                                      .add(ids)
                                                      .add(tickets)
                                                      .add(runs)
                                                      .add(states)
                                                      .add(reasons)
                                                      .add(codes)
                                                      .add(priorities)
                                                      .add(summaries)
                                                      .add(effects)
                                                      .add(referrals)
                                                      .add(opened));
}

void HandoffStore::record(pipeline::Batch& batch, const std::vector<HandoffChange>& changes) const {
  if (changes.empty()) return;
  std::vector<base::Uuid> ids, handoffs;
  Texts tenants, news, reasons;
  std::vector<std::optional<std::string>> olds;
  std::vector<std::optional<base::Uuid>> outbox;
  for (const auto& one : changes) {
    ids.push_back(batch.ids().next());
    tenants.push_back(one.tenant);
    handoffs.push_back(one.handoff_id);
    olds.push_back(one.old_state);
    news.push_back(one.new_state);
    reasons.push_back(one.reason);
    outbox.push_back(one.outbox_id);
  }
  batch.transaction().queue(sql::insert_handoff_history,
                            Parameters{}.add(batch.id()).add(ids).add(tenants).add(handoffs).add(olds).add(news).add(reasons).add(outbox));
}

}  // namespace countersign::approval
