#pragma once

// TicketEvent: a message of the topic `tickets` as it was read: what it says and what identifies it.
//
// Threads    A plain value, shared and unchanging.

#include <string>

#include "base/result.hpp"
#include "catalog/catalog.hpp"
#include "contracts/envelope.hpp"
#include "contracts/json.hpp"
#include "contracts/messages.hpp"
#include "domain/ticket_arrivals.hpp"

namespace countersign::executor {

struct TicketEvent {
  contracts::Event said;
  std::string type;
  domain::EventIdentity identity;  // tenant, source, event id
  std::string digest;              // 32 bytes over what is said
};

// Refuses with type_unknown and what guarded reading, the schema and the decoder refuse.
base::Result<TicketEvent> read_ticket_event(const contracts::Envelope& envelope, std::string_view data);

// The realm through which a message came must be configured and may carry the tenant: realm_unknown, tenant_not_in_realm.
base::Result<const catalog::Realm*> admit_to_realm(std::string_view topic, std::string_view tenant, const catalog::Snapshot& configuration);

// An event that waits for its ticket to be opened, to and from its column.
contracts::Json to_waiting(const TicketEvent& event);
contracts::Event from_waiting(const contracts::Json& stored);

}  // namespace countersign::executor
