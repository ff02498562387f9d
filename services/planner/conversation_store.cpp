#include "planner/conversation_store.hpp"

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "base/invariant.hpp"
#include "contracts/codec.hpp"
#include "contracts/guarded_json.hpp"
#include "contracts/member_writer.hpp"
#include "planner/sql.hpp"

namespace countersign::planner {

using postgres::Parameters;

namespace {

using Texts = std::vector<std::string>;
using MaybeTexts = std::vector<std::optional<std::string>>;
using Numbers = std::vector<std::int64_t>;

struct Tickets {
  Texts tenants, ids;

  explicit Tickets(const std::vector<std::string>& keys) {
    for (const auto& key : keys) {
      const auto parts = contracts::split_key(key);
      COUNTERSIGN_INVARIANT(parts.has_value(), "the core admits only keys that are tenant/ticket");
      tenants.push_back(parts->tenant);
      ids.push_back(parts->ticket);
    }
  }
  Parameters parameters() const { return Parameters{}.add(tenants).add(ids); }
};

std::string_view word_for(TicketStatus status) {
  return status == TicketStatus::open ? "open" : status == TicketStatus::closed ? "closed" : "unopened";
}

TicketStatus status_of(std::string_view word) {
  return word == "open" ? TicketStatus::open : word == "closed" ? TicketStatus::closed : TicketStatus::unopened;
}

contracts::Json kept_json(std::optional<std::string> text) { return text ? contracts::Json::stored(std::move(*text)) : contracts::Json{}; }

contracts::Event stored_event(std::string_view type, const std::string& text) {
  auto stored = contracts::read_json(text, contracts::stored_limits);
  COUNTERSIGN_INVARIANT(stored.has_value(), "what was stored was read before");
  auto event = contracts::decode_value(type, std::move(*stored));
  COUNTERSIGN_INVARIANT(event.has_value(), "what was stored was decoded before");
  return std::move(*event);
}

using MaybeText = std::optional<std::string>;

// The columns that both statements begin with.
Conversation read_standing(const postgres::Row& row) {
  Conversation one;
  one.stored = true;
  one.tenant = row.get<std::string>(0);
  one.ticket_id = row.get<std::string>(1);
  one.version = row.get<std::int64_t>(2);
  one.status = status_of(row.get<std::string>(3));
  one.ended_version = row.get<std::int64_t>(4);
  one.proposed_version = row.get<std::int64_t>(5);
  one.proposed_after = row.get<std::int64_t>(6);
  return one;
}

void read_facts(const postgres::Row& row, int at, Conversation& one) {
  one.requester = kept_json(row.get<MaybeText>(at));
  one.actor = kept_json(row.get<MaybeText>(at + 1));
  one.instruction = row.get<MaybeText>(at + 2);
  one.subject = row.get<MaybeText>(at + 3);
  one.text = row.get<MaybeText>(at + 4);
  one.fields = kept_json(row.get<MaybeText>(at + 5));
}

void read_proposal(const postgres::Row& row, Conversation& one) {
  one.run = row.get<std::int64_t>(7);
  one.step = row.get<std::int64_t>(8);
  one.done = row.get<std::int32_t>(9);
  if (const auto plan = row.get<MaybeText>(10))
    one.plan = std::get<contracts::PlanProposed>(stored_event(contracts::types::plan_proposed, *plan));
  else
    read_facts(row, 11, one);
}

Conversations blanks(const std::vector<std::string>& keys) {
  Conversations all;
  const Tickets tickets(keys);
  for (std::size_t at = 0; at < keys.size(); ++at) {
    auto& blank = all[keys[at]];
    blank.tenant = tickets.tenants[at];
    blank.ticket_id = tickets.ids[at];
  }
  return all;
}

MaybeText text_of(const contracts::Json& document) { return document.is_null() ? std::nullopt : std::optional(document.text()); }

// Absent: the plan that is stored stays.
MaybeText new_plan(const Conversation& one) {
  if (!one.plan_replaced) return std::nullopt;
  return one.plan_text.empty() ? contracts::encode(*one.plan) : one.plan_text;
}

// The columns of a ticket's facts, for the statements that insert and that update them.
struct FactColumns {
  Texts tenants, ids, statuses, realms, fields;
  MaybeTexts requesters, actors, instructions, subjects, bodies, plans;
  Numbers versions, proposed_versions, proposed_afters;

  void add(const Conversation& one) {
    tenants.push_back(one.tenant);
    ids.push_back(one.ticket_id);
    versions.push_back(one.version);
    statuses.emplace_back(word_for(one.status));
    realms.push_back(one.realm);
    requesters.push_back(text_of(one.requester));
    actors.push_back(text_of(one.actor));
    instructions.push_back(one.instruction);
    subjects.push_back(one.subject);
    bodies.push_back(one.text);
    fields.push_back(one.fields.text());
    plans.push_back(new_plan(one));
    proposed_versions.push_back(one.proposed_version);
    proposed_afters.push_back(one.proposed_after);
  }

  void queue(postgres::Transaction& transaction, bool stored) const {
    if (tenants.empty()) return;
    auto parameters = Parameters{}.add(tenants).add(ids).add(versions).add(statuses);
    if (!stored) parameters.add(realms);  // it never changes
    parameters.add(requesters).add(actors).add(instructions).add(subjects).add(bodies).add(fields).add(plans);
    parameters.add(proposed_versions).add(proposed_afters);
    transaction.queue(stored ? sql::update_conversations : sql::insert_conversations, parameters);
  }
};

}  // namespace

void Exchange::add(std::int64_t version, const std::string& event, std::string_view detail, const std::optional<base::Uuid>& outbox_id) {
  if (!remarks_.empty()) remarks_.push_back(',');
  contracts::MemberWriter remark;
  remark.put("version", version).put("event", event).spelled("detail", detail).put("outbox_id", outbox_id);
  remark.append_to(remarks_);
}

// Of a key that was never heard of there is nothing to find.
Conversations ConversationStore::load_facts(pipeline::Batch& batch, const std::vector<std::string>& keys) const {
  Conversations found = blanks(keys);
  std::vector<std::string> known;
  std::copy_if(keys.begin(), keys.end(), std::back_inserter(known), [&](const auto& key) { return !batch.key_state(key).fresh; });
  if (known.empty()) return found;
  for (const auto row : batch.transaction().execute(sql::find_conversations, Tickets(known).parameters())) {
    auto one = read_standing(row);
    one.realm = row.get<std::string>(7);
    read_facts(row, 8, one);
    found[one.key()] = std::move(one);
  }
  return found;
}

Conversations ConversationStore::load_proposals(pipeline::Batch& batch, const std::vector<std::string>& keys) const {
  Conversations found = blanks(keys);
  for (const auto row : batch.transaction().execute(sql::find_proposals, Tickets(keys).parameters())) {
    auto one = read_standing(row);
    read_proposal(row, one);
    found[one.key()] = std::move(one);
  }
  return found;
}

std::map<domain::EventIdentity, KnownEvent> ConversationStore::find_events(pipeline::Batch& batch,
                                                                           const std::vector<domain::EventIdentity>& wanted) const {
  std::map<domain::EventIdentity, KnownEvent> known;
  if (wanted.empty()) return known;
  Texts tenants, sources, ids;
  for (const auto& one : wanted) {
    tenants.push_back(one.tenant);
    sources.push_back(one.source);
    ids.push_back(one.id);
  }
  const auto parameters = Parameters{}.add(tenants).add(sources).add(ids);
  for (const auto row : batch.transaction().execute(sql::find_ticket_events, parameters)) {
    domain::EventIdentity identity{row.get<std::string>(0), row.get<std::string>(1), row.get<std::string>(2)};
    known[std::move(identity)] = {row.get<std::string>(3), row.get<postgres::Bytes>(4).value};
  }
  return known;
}

std::map<std::string, std::vector<contracts::Event>> ConversationStore::find_waiting(pipeline::Batch& batch,
                                                                                     const std::vector<std::string>& keys) const {
  std::map<std::string, std::vector<contracts::Event>> waiting;
  if (keys.empty()) return waiting;
  for (const auto row : batch.transaction().execute(sql::find_waiting_events, Tickets(keys).parameters()))
    waiting[contracts::make_key(row.get<std::string>(0), row.get<std::string>(1))].push_back(
        stored_event(row.get<std::string>(2), row.get<std::string>(3)));
  return waiting;
}

void ConversationStore::save_facts(pipeline::Batch& batch, const std::vector<const Conversation*>& changed) const {
  FactColumns fresh, stored;
  for (const Conversation* one : changed) (one->stored ? stored : fresh).add(*one);
  fresh.queue(batch.transaction(), false);
  stored.queue(batch.transaction(), true);
}

void ConversationStore::save_proposals(pipeline::Batch& batch, const std::vector<const Conversation*>& changed) const {
  if (changed.empty()) return;
  Texts tenants, ids;
  Numbers ended, runs, steps, proposed_versions, proposed_afters;
  MaybeTexts plans;
  std::vector<std::int32_t> done;
  for (const Conversation* one : changed) {
    tenants.push_back(one->tenant);
    ids.push_back(one->ticket_id);
    ended.push_back(one->ended_version);
    runs.push_back(one->run);
    steps.push_back(one->step);
    plans.push_back(new_plan(*one));
    done.push_back(one->done);
    proposed_versions.push_back(one->proposed_version);
    proposed_afters.push_back(one->proposed_after);
  }
  auto parameters = Parameters{}.add(tenants).add(ids).add(ended).add(runs).add(steps).add(plans).add(done);
  batch.transaction().queue(sql::update_proposals, parameters.add(proposed_versions).add(proposed_afters));
}

void ConversationStore::remember(pipeline::Batch& batch, const std::vector<HeardEvent>& events) const {
  if (events.empty()) return;
  Texts tenants, ids, sources, event_ids, types;
  std::vector<postgres::Bytes> digests;
  Numbers versions;
  MaybeTexts waiting;
  for (const auto& one : events) {
    tenants.push_back(one.tenant);
    ids.push_back(one.ticket_id);
    sources.push_back(one.identity.source);
    event_ids.push_back(one.identity.id);
    digests.push_back(postgres::Bytes{one.digest});
    versions.push_back(one.version);
    types.push_back(one.type);
    waiting.push_back(one.waiting);
  }
  batch.transaction().queue(
      sql::insert_ticket_events,
      Parameters{}.add(tenants).add(ids).add(sources).add(event_ids).add(digests).add(versions).add(types).add(waiting));
}

void ConversationStore::release_waiting(pipeline::Batch& batch, const std::vector<std::string>& keys) const {
  if (!keys.empty()) batch.transaction().queue(sql::release_waiting_events, Tickets(keys).parameters());
}

void ConversationStore::note(pipeline::Batch& batch, const std::vector<Exchange>& exchanges) const {
  std::vector<base::Uuid> rows;
  Texts tenants, ids, remarks;
  for (const auto& one : exchanges) {
    if (one.empty()) continue;
    rows.push_back(batch.ids().next());
    tenants.push_back(one.tenant());
    ids.push_back(one.ticket_id());
    remarks.push_back(one.remarks());
  }
  if (rows.empty()) return;
  batch.transaction().queue(sql::insert_exchanges, Parameters{}.add(batch.id()).add(rows).add(tenants).add(ids).add(remarks));
}

}  // namespace countersign::planner
