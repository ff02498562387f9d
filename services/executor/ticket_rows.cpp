#include "executor/case_rows.hpp"
#include "executor/row_columns.hpp"
#include "executor/sql.hpp"
#include "executor/stored_row.hpp"

namespace countersign::executor {

namespace {

using Tickets = std::vector<const Ticket*>;
using Runs = std::vector<Owned<Run>>;

const char* word_of(TicketStatus status) {
  return status == TicketStatus::open ? "open" : status == TicketStatus::closed ? "closed" : "unopened";
}

postgres::Parameters progress(const Tickets& tickets) {
  postgres::Parameters parameters;
  parameters.add(column(tickets, [](const Ticket* one) { return one->tenant; }));
  parameters.add(column(tickets, [](const Ticket* one) { return one->id; }));
  parameters.add(column(tickets, [](const Ticket* one) { return one->version; }));
  parameters.add(column(tickets, [](const Ticket* one) { return std::string(word_of(one->status)); }));
  parameters.add(column(tickets, [](const Ticket* one) { return std::int32_t{one->runs_opened}; }));
  parameters.add(column(tickets, [](const Ticket* one) { return one->ended_version; }));
  parameters.add(column(tickets, [](const Ticket* one) { return text_or_null(one->held_plan); }));
  parameters.add(column(tickets, [](const Ticket* one) { return one->held_version; }));
  return parameters;
}

postgres::Parameters progress_and_facts(const Tickets& tickets) {
  postgres::Parameters parameters = progress(tickets);
  parameters.add(column(tickets, [](const Ticket* one) { return one->realm; }));
  parameters.add(column(tickets, [](const Ticket* one) { return text_or_null(one->requester); }));
  parameters.add(column(tickets, [](const Ticket* one) { return one->authenticated; }));
  parameters.add(column(tickets, [](const Ticket* one) { return one->subject; }));
  parameters.add(column(tickets, [](const Ticket* one) { return one->text; }));
  parameters.add(column(tickets, [](const Ticket* one) { return one->fields.text(); }));
  parameters.add(column(tickets, [](const Ticket* one) { return text_or_null(one->actor); }));
  parameters.add(column(tickets, [](const Ticket* one) { return one->actor_authenticated; }));
  parameters.add(column(tickets, [](const Ticket* one) { return one->instruction; }));
  return parameters;
}

postgres::Parameters standing(const Runs& runs) {
  postgres::Parameters parameters = owners(runs);
  parameters.add(column(runs, [](const auto& one) { return one.thing.number; }));
  parameters.add(column(runs, [](const auto& one) { return one.thing.version; }));
  parameters.add(column(runs, [](const auto& one) { return word(one.thing.state); }));
  parameters.add(column(runs, [](const auto& one) {
    return one.thing.stop_reason ? std::optional(word(*one.thing.stop_reason)) : std::optional<std::string>{};
  }));
  parameters.add(column(runs, [](const auto& one) { return joined(one.thing.codes); }));
  parameters.add(column(runs, [](const auto& one) { return std::int32_t{one.thing.turns}; }));
  parameters.add(column(runs, [](const auto& one) { return std::int32_t{one.thing.plans}; }));
  parameters.add(column(runs, [](const auto& one) { return text_or_null(one.thing.agent); }));
  parameters.add(column(runs, [](const auto& one) { return text_or_null(one.thing.playbook); }));
  parameters.add(column(runs, [](const auto& one) { return text_or_null(one.thing.close); }));
  parameters.add(column(runs, [](const auto& one) { return text_or_null(one.thing.resolution); }));
  parameters.add(column(runs, [](const auto& one) { return one.thing.waiting_since; }));
  parameters.add(column(runs, [](const auto& one) { return one.thing.stopped_at; }));
  return parameters;
}

postgres::Parameters whole(const Runs& runs) {
  postgres::Parameters parameters = standing(runs);
  parameters.add(column(runs, [](const auto& one) { return one.thing.opened_at; }));
  parameters.add(column(runs, [](const auto& one) { return text_or_null(one.thing.actor); }));
  return parameters;
}

}  // namespace

void write_tickets(pipeline::Batch& batch, const Cases& cases) {
  Tickets fresh, told, moved;
  for (const auto& [key, one] : cases) {
    if (!one.ticket_changed) continue;
    (!one.ticket.stored ? fresh : one.facts_changed ? told : moved).push_back(&one.ticket);
  }
  auto& transaction = batch.transaction();
  if (!fresh.empty()) transaction.queue(sql::insert_tickets, progress_and_facts(fresh));
  if (!told.empty()) transaction.queue(sql::update_tickets, progress_and_facts(told));
  if (!moved.empty()) transaction.queue(sql::update_progress, progress(moved));
}

// A ticket has one live run at any moment: what has ended is written before what begins.
void write_runs(pipeline::Batch& batch, const Cases& cases) {
  Runs fresh, known;
  const auto add = [&](const Ticket& ticket, const Run& run) { (run.fresh ? fresh : known).push_back({ticket, run}); };
  for (const auto& [key, one] : cases)
    for (const Run& run : one.ended_runs) add(one.ticket, run);
  for (const auto& [key, one] : cases)
    if (one.run && one.run_changed) add(one.ticket, *one.run);
  if (!known.empty()) batch.transaction().queue(sql::update_runs, standing(known));
  if (!fresh.empty()) batch.transaction().queue(sql::insert_runs, whole(fresh));
}

}  // namespace countersign::executor
