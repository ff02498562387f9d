#pragma once

// TicketRecords: the rows of `ticket_event` and `ticket_message` that a batch reads and owes, gathered over all its keys so that each
// table costs one statement.
//
// Threads    A plain value; belongs to one batch.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "contracts/messages.hpp"
#include "executor/case.hpp"
#include "executor/ticket_event.hpp"
#include "pipeline/batch.hpp"

namespace countersign::executor {

class TicketRecords {
 public:
  using Waiting = std::vector<std::pair<std::int64_t, contracts::Event>>;  // by version

  // Queues the questions; take_answers() after the flush. `opening`: keys for which the batch has a ticket.opened.
  void ask(const std::vector<domain::EventIdentity>& events, const std::vector<std::string>& opening, pipeline::Batch& batch);
  void take_answers(pipeline::Batch& batch);
  std::map<domain::EventIdentity, std::string> known_events() && { return std::move(known_); }

  void note_event(const Ticket& ticket, const TicketEvent& event);
  // The event waits until its ticket is opened.
  void keep_waiting(const Ticket& ticket, const TicketEvent& event);
  // Everything that waits for this ticket, each once.
  Waiting release(const Ticket& ticket);
  void note_message(const Ticket& ticket, std::int64_t version, const contracts::TicketMessageAdded& message);

  void save(pipeline::Batch& batch) const;

 private:
  struct EventRow {
    std::string tenant, ticket, type;
    domain::EventIdentity identity;
    std::string digest;
    std::int64_t version = 0;
    std::optional<std::string> waiting;
  };
  struct MessageRow {
    std::string tenant, ticket;
    std::int64_t version = 0;
    contracts::TicketMessageAdded message;
  };

  std::optional<postgres::Transaction::Claim> known_claim_;
  std::optional<postgres::Transaction::Claim> waiting_claim_;
  std::map<domain::EventIdentity, std::string> known_;
  std::map<std::string, Waiting> stored_waiting_;                  // by key
  std::map<std::string, std::vector<std::size_t>> fresh_waiting_;  // by key: places in events_
  std::map<std::size_t, contracts::Event> fresh_said_;
  std::vector<std::string> released_;
  std::vector<EventRow> events_;
  std::vector<MessageRow> messages_;
};

}  // namespace countersign::executor
