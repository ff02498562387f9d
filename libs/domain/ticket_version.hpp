#pragma once

// The version of a ticket: how many messages of its key arrived on `tickets`, duplicates excluded, dead letters included.
//
// Planner and executor count separately and must agree, or no plan would ever be accepted; so both count here. A dead letter counts
// because someone said something about the ticket that we could not read: a plan made before it may be wrong.

#include <cstdint>
#include <initializer_list>
#include <span>

namespace countersign::domain {

enum class Arrival {
  fresh,          // an event id never seen on this key
  duplicate,      // an event id seen before, with the same content
  contradiction,  // an event id seen before, with other content: a dead letter
  unreadable,     // cannot be understood: a dead letter, each copy of it
};

// What is known about the event id on this key before the message.
enum class EventIdSeen { never, with_same_content, with_other_content };

constexpr Arrival classify_arrival(bool readable, EventIdSeen seen) {
  if (!readable) return Arrival::unreadable;
  if (seen == EventIdSeen::never) return Arrival::fresh;
  return seen == EventIdSeen::with_same_content ? Arrival::duplicate : Arrival::contradiction;
}

constexpr bool dead_letter(Arrival arrival) { return arrival == Arrival::contradiction || arrival == Arrival::unreadable; }

constexpr std::int64_t version_after(std::int64_t version, Arrival arrival) {
  return arrival == Arrival::duplicate ? version : version + 1;
}

constexpr std::int64_t version_after(std::int64_t version, std::span<const Arrival> arrivals) {
  for (const Arrival arrival : arrivals) version = version_after(version, arrival);
  return version;
}

}  // namespace countersign::domain
