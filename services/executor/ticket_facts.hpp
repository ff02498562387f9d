#pragma once

// What an event on `tickets` does to the facts of a ticket. Its runs are ticket_intake.cpp's business.
//
// Threads    Pure; any thread.

#include "base/result.hpp"
#include "contracts/messages.hpp"
#include "executor/case.hpp"

namespace countersign::executor {

// On whose word the people of the ticket are who they say: the realm's, and the source's.
struct Vouched {
  bool requester = false;
  bool actor = false;
};
void open_ticket(Ticket& ticket, const contracts::TicketOpened& opened, Vouched vouched);
// Merges by RFC 7396, where null removes. Refuses with fields_too_large past 256 KiB, and changes nothing then.
base::Result<void> update_ticket(Ticket& ticket, const contracts::TicketUpdated& updated);

}  // namespace countersign::executor
