#pragma once

// TicketArrivals: tells fresh events on `tickets` from duplicates and contradictions, over a whole batch.
//
// An event is known by tenant, source and event id; its digest (over type and canonical data) tells whether a second one says the same.
// What cannot be read, or came through another realm than its ticket's, has no identity: it counts each time it comes. Planner and executor
// both judge with this, each against its own table, so that their versions of a ticket agree (ticket_version.hpp).
//
// Promise    The verdicts depend only on what was known before and on the order of the log.
// Threads    A plain value; belongs to one batch.

#include <compare>
#include <map>
#include <string>
#include <utility>

#include "domain/ticket_version.hpp"

namespace countersign::domain {

struct EventIdentity {
  std::string tenant;
  std::string source;
  std::string id;
  friend auto operator<=>(const EventIdentity&, const EventIdentity&) = default;
};

class TicketArrivals {
 public:
  // `known`: identity to digest, of the events of earlier batches; others than those in this batch may be left out.
  explicit TicketArrivals(std::map<EventIdentity, std::string> known) : digests_(std::move(known)) {}

  EventIdSeen compare(const EventIdentity& event, const std::string& digest) const {
    const auto found = digests_.find(event);
    if (found == digests_.end()) return EventIdSeen::never;
    return found->second == digest ? EventIdSeen::with_same_content : EventIdSeen::with_other_content;
  }
  // A fresh event is known from here on.
  Arrival judge(const EventIdentity& event, const std::string& digest) {
    const Arrival judged = classify_arrival(true, compare(event, digest));
    if (judged == Arrival::fresh) digests_.emplace(event, digest);
    return judged;
  }

 private:
  std::map<EventIdentity, std::string> digests_;
};

}  // namespace countersign::domain
