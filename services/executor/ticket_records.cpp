#include "executor/ticket_records.hpp"

#include <nlohmann/json.hpp>

#include "base/invariant.hpp"
#include "contracts/guarded_json.hpp"
#include "contracts/message_key.hpp"
#include "executor/sql.hpp"

namespace countersign::executor {

using postgres::Bytes;
using postgres::Parameters;

namespace {

struct KeyColumns {
  std::vector<std::string> tenants, tickets;
};

KeyColumns columns_of(const std::vector<std::string>& keys) {
  KeyColumns columns;
  for (const auto& key : keys) {
    const auto parts = contracts::split_key(key);
    COUNTERSIGN_INVARIANT(parts.has_value(), "a locked key is tenant/ticket");
    columns.tenants.push_back(parts->tenant);
    columns.tickets.push_back(parts->ticket);
  }
  return columns;
}

contracts::Json read_waiting(const postgres::Row& row) {
  auto waiting = contracts::read_shared_json(row.get<std::string>(3), {.bytes = 16 * 1024 * 1024, .string_bytes = 16 * 1024 * 1024});
  COUNTERSIGN_INVARIANT(waiting.has_value(), "what waits can be read again");
  return std::move(*waiting);
}

}  // namespace

void TicketRecords::ask(const std::vector<domain::EventIdentity>& events, const std::vector<std::string>& opening, pipeline::Batch& batch) {
  if (!events.empty()) {
    std::vector<std::string> tenants, sources, ids;
    for (const auto& event : events) {
      tenants.push_back(event.tenant);
      sources.push_back(event.source);
      ids.push_back(event.id);
    }
    known_claim_ = batch.transaction().queue(sql::find_ticket_events, Parameters{}.add(tenants).add(sources).add(ids));
  }
  if (!opening.empty()) {
    const auto columns = columns_of(opening);
    waiting_claim_ = batch.transaction().queue(sql::find_waiting_events, Parameters{}.add(columns.tenants).add(columns.tickets));
  }
}

void TicketRecords::take_answers(pipeline::Batch& batch) {
  batch.transaction().flush();  // unless whoever asked besides has done so
  if (known_claim_)
    for (const auto row : batch.transaction().take(*known_claim_))
      known_[{row.get<std::string>(0), row.get<std::string>(1), row.get<std::string>(2)}] = row.get<Bytes>(3).value;
  if (waiting_claim_)
    for (const auto row : batch.transaction().take(*waiting_claim_))
      stored_waiting_[contracts::make_key(row.get<std::string>(0), row.get<std::string>(1))].emplace_back(row.get<std::int64_t>(2),
                                                                                                          from_waiting(read_waiting(row)));
}

void TicketRecords::note_event(const Ticket& ticket, const TicketEvent& event) {
  events_.push_back({ticket.tenant, ticket.id, event.type, event.identity, event.digest, ticket.version, std::nullopt});
}

void TicketRecords::keep_waiting(const Ticket& ticket, const TicketEvent& event) {
  COUNTERSIGN_INVARIANT(!events_.empty() && events_.back().identity == event.identity, "an event is noted before it waits");
  const std::size_t place = events_.size() - 1;
  events_[place].waiting = to_waiting(event).text();
  fresh_waiting_[contracts::make_key(ticket.tenant, ticket.id)].push_back(place);
  fresh_said_.emplace(place, event.said);
}

TicketRecords::Waiting TicketRecords::release(const Ticket& ticket) {
  const std::string key = contracts::make_key(ticket.tenant, ticket.id);
  Waiting waiting;
  if (const auto stored = stored_waiting_.find(key); stored != stored_waiting_.end()) {
    waiting = std::move(stored->second);
    stored_waiting_.erase(stored);
    released_.push_back(key);
  }
  for (const std::size_t place : fresh_waiting_[key]) {
    waiting.emplace_back(events_[place].version, std::move(fresh_said_.at(place)));
    events_[place].waiting.reset();
  }
  fresh_waiting_.erase(key);
  return waiting;
}

void TicketRecords::note_message(const Ticket& ticket, std::int64_t version, const contracts::TicketMessageAdded& message) {
  messages_.push_back({ticket.tenant, ticket.id, version, message});
}

void TicketRecords::save(pipeline::Batch& batch) const {
  if (!released_.empty()) {
    const auto columns = columns_of(released_);
    batch.transaction().queue(sql::release_waiting_events, Parameters{}.add(columns.tenants).add(columns.tickets));
  }
  if (!events_.empty()) {
    std::vector<std::string> tenants, tickets, sources, ids, types;
    std::vector<Bytes> digests;
    std::vector<std::int64_t> versions;
    std::vector<std::optional<std::string>> waiting;
    for (const auto& row : events_) {
      tenants.push_back(row.tenant);
      tickets.push_back(row.ticket);
      sources.push_back(row.identity.source);
      ids.push_back(row.identity.id);
      digests.push_back(Bytes{row.digest});
      versions.push_back(row.version);
      types.push_back(row.type);
      waiting.push_back(row.waiting);
    }
    batch.transaction().queue(
        sql::insert_ticket_events,
        Parameters{}.add(tenants).add(tickets).add(sources).add(ids).add(digests).add(versions).add(types).add(waiting));
  }
  if (!messages_.empty()) {
    std::vector<std::string> tenants, tickets, authors, bodies;
    std::vector<std::int64_t> versions;
    std::vector<std::optional<std::string>> author_ids;
    for (const auto& row : messages_) {
      tenants.push_back(row.tenant);
      tickets.push_back(row.ticket);
      versions.push_back(row.version);
      authors.push_back(row.message.author.kind);
      author_ids.push_back(row.message.author.id);
      bodies.push_back(row.message.text);
    }
    batch.transaction().queue(sql::insert_ticket_messages,
                              Parameters{}.add(tenants).add(tickets).add(versions).add(authors).add(author_ids).add(bodies));
  }
}

}  // namespace countersign::executor
