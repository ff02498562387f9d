#pragma once

// What the events of a ticket do to the planner's view of it. Pure; the rules are the executor's, so that both see the same ticket.
//
//     opened      on an unopened or closed ticket: the new facts. On an open one: contradicts what is known, and changes nothing
//     updated     fields are merged (RFC 7396); more than 256 KiB afterwards: changes nothing
//     closed      the ticket is closed
//     message_added    changes no facts
//
// Failure    Refuses with ticket_already_opened, fields_too_large; the event counts for the version all the same.
// Threads    Any thread.

#include "base/result.hpp"
#include "planner/conversation.hpp"

namespace countersign::planner {

inline constexpr std::size_t most_field_bytes = 256 * 1024;

base::Result<void> apply_event(Conversation& conversation, const contracts::Event& event);

}  // namespace countersign::planner
