#include "planner/conversation_store.hpp"

#include <nlohmann/json.hpp>

#include "base/invariant.hpp"
#include "contracts/codec.hpp"
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

contracts::Json stored_json(const std::optional<std::string>& text) {
  return text ? contracts::Json(nlohmann::json::parse(*text)) : contracts::Json();
}

contracts::Event stored_event(std::string_view type, const std::string& text) {
  const auto stored = nlohmann::json::parse(text);
  auto event = contracts::decode_value(type, stored);
  COUNTERSIGN_INVARIANT(event.has_value(), "what was stored was decoded before");
  return std::move(*event);
}

Conversation read_conversation(const postgres::Row& row) {
  Conversation one;
  one.tenant = row.get<std::string>(0);
  one.ticket_id = row.get<std::string>(1);
  one.version = row.get<std::int64_t>(2);
  one.status = status_of(row.get<std::string>(3));
  one.realm = row.get<std::string>(4);
  one.requester = stored_json(row.get<std::optional<std::string>>(5));
  one.subject = row.get<std::optional<std::string>>(6);
  one.text = row.get<std::optional<std::string>>(7);
  one.fields = stored_json(row.get<std::string>(8));
  one.ended_version = row.get<std::int64_t>(9);
  one.run = row.get<std::int64_t>(10);
  one.step = row.get<std::int64_t>(11);
  if (const auto plan = row.get<std::optional<std::string>>(12))
    one.plan = std::get<contracts::PlanProposed>(stored_event(contracts::types::plan_proposed, *plan));
  one.done = row.get<std::int32_t>(13);
  one.proposed_version = row.get<std::int64_t>(14);
  one.proposed_after = row.get<std::int64_t>(15);
  one.actor = stored_json(row.get<std::optional<std::string>>(16));
  one.instruction = row.get<std::optional<std::string>>(17);
  return one;
}

}  // namespace

Conversations ConversationStore::load(pipeline::Batch& batch, const std::vector<std::string>& keys) const {
  Conversations found;
  const Tickets tickets(keys);
  for (std::size_t at = 0; at < keys.size(); ++at) {
    auto& blank = found[keys[at]];
    blank.tenant = tickets.tenants[at];
    blank.ticket_id = tickets.ids[at];
  }
  for (const auto row : batch.transaction().execute(sql::find_conversations, tickets.parameters())) {
    auto one = read_conversation(row);
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

void ConversationStore::save(pipeline::Batch& batch, const std::vector<const Conversation*>& changed) const {
  if (changed.empty()) return;
  Texts tenants, ids, statuses, realms, fields;
  MaybeTexts requesters, subjects, bodies, plans, actors, instructions;
  Numbers versions, ended, runs, steps, proposed_versions, proposed_afters;
  std::vector<std::int32_t> done;
  for (const Conversation* one : changed) {
    tenants.push_back(one->tenant);
    ids.push_back(one->ticket_id);
    versions.push_back(one->version);
    statuses.emplace_back(word_for(one->status));
    realms.push_back(one->realm);
    requesters.push_back(one->requester.is_null() ? std::nullopt : std::optional(one->requester.text()));
    subjects.push_back(one->subject);
    bodies.push_back(one->text);
    fields.push_back(one->fields.text());
    ended.push_back(one->ended_version);
    runs.push_back(one->run);
    steps.push_back(one->step);
    plans.push_back(one->plan ? std::optional(contracts::encode(*one->plan)) : std::nullopt);
    done.push_back(one->done);
    proposed_versions.push_back(one->proposed_version);
    proposed_afters.push_back(one->proposed_after);
    actors.push_back(one->actor.is_null() ? std::nullopt : std::optional(one->actor.text()));
    instructions.push_back(one->instruction);
  }
  batch.transaction().queue(sql::upsert_conversations, Parameters{}
                                                           .add(tenants)
                                                           .add(ids)
                                                           .add(versions)
                                                           .add(statuses)
                                                           .add(realms)
                                                           .add(requesters)
                                                           .add(subjects)
                                                           .add(bodies)
                                                           .add(fields)
                                                           .add(ended)
                                                           .add(runs)
                                                           .add(steps)
                                                           .add(plans)
                                                           .add(done)
                                                           .add(proposed_versions)
                                                           .add(proposed_afters)
                                                           .add(actors)
                                                           .add(instructions));
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

void ConversationStore::note(pipeline::Batch& batch, const std::vector<Interaction>& interactions) const {
  if (interactions.empty()) return;
  std::vector<base::Uuid> rows;
  std::vector<std::optional<base::Uuid>> outbox;
  Texts tenants, ids, events, details;
  Numbers versions;
  for (const auto& one : interactions) {
    rows.push_back(batch.ids().next());
    tenants.push_back(one.tenant);
    ids.push_back(one.ticket_id);
    versions.push_back(one.version);
    events.push_back(one.event);
    details.push_back(one.detail);
    outbox.push_back(one.outbox_id);
  }
  batch.transaction().queue(
      sql::insert_interactions,
      Parameters{}.add(batch.id()).add(rows).add(tenants).add(ids).add(versions).add(events).add(details).add(outbox));
}

}  // namespace countersign::planner
