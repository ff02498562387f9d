#pragma once

// sequences pass: gives up messages of one key that never came, so that those after them are applied.
//
// The counter of the service moves to just before the first parked message (or to --to); the service notices within seconds and drains what
// is parked. What was given up may have been anything, so people are told: a handoff is opened for the ticket. Only the executor refers
// matters to people, whoever had the gap, so the referral is put into the executor's outbox under the ticket's next sequence there, in the
// same transaction as the counter. It belongs to no living process, so the outbox service relays it, and approval opens the handoff.
//
// Lock order   The key's row of the service with the gap, then the executor's. No service locks rows of two schemas.
// Failure      exit_not_well when nothing is parked and no --to is given, --to does not lie ahead, or lies behind a message that is
//              parked and would be lost.

#include <cstdint>
#include <optional>
#include <string>

#include "cli/console.hpp"
#include "cli/reach.hpp"

namespace countersign::cli {

struct SequencesPassWish {
  std::string key;                 // tenant/ticket
  std::string topic;               // without realm
  std::string service;             // which waits
  std::optional<std::int64_t> to;  // the sequence that is to be applied next
};

int pass_sequences(const Reach& reach, const SequencesPassWish& wish, const Console& console);

}  // namespace countersign::cli
