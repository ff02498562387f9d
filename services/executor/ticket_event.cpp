#include "executor/ticket_event.hpp"

#include <nlohmann/json.hpp>

#include "base/invariant.hpp"
#include "contracts/codec.hpp"
#include "contracts/guarded_json.hpp"
#include "contracts/schema_check.hpp"
#include "contracts/ticket_identity.hpp"
#include "crypto/digest.hpp"

namespace countersign::executor {

base::Result<TicketEvent> read_ticket_event(const contracts::Envelope& envelope, std::string_view data) {
  if (!contracts::ticket_event(envelope.type)) return base::refuse("type_unknown", "this type does not belong on tickets");
  auto json = contracts::read_json(data);
  if (!json) return tl::unexpected(json.error());
  if (const auto fits = contracts::SchemaSet::of_messages().check(envelope.type, *json); !fits) return tl::unexpected(fits.error());
  const auto content = contracts::ticket_identity(envelope.type, *json);
  auto said = contracts::decode_value(envelope.type, std::move(*json));
  if (!said) return tl::unexpected(said.error());
  if (!content) return tl::unexpected(content.error());
  TicketEvent event;
  event.type = envelope.type;
  event.identity = {std::string(contracts::tenant_of(*said)), envelope.source, envelope.id};
  event.digest = crypto::sha256(*content).raw();
  event.said = std::move(*said);
  return event;
}

base::Result<const catalog::Realm*> admit_to_realm(std::string_view topic, std::string_view tenant,
                                                   const catalog::Snapshot& configuration) {
  const catalog::Realm* realm = configuration.find_realm_of_topic(topic);
  if (realm == nullptr) return base::refuse("realm_unknown", "no realm is configured for topic " + std::string(topic));
  if (!realm->carries(tenant)) return base::refuse("tenant_not_in_realm", "realm " + realm->name + " may not carry this tenant");
  return realm;
}

contracts::Json to_waiting(const TicketEvent& event) {
  return contracts::Json(nlohmann::json{{"type", event.type}, {"data", nlohmann::json::parse(contracts::encode(event.said))}});
}

contracts::Event from_waiting(const contracts::Json& stored) {
  const auto& json = stored.value();
  auto said = contracts::decode_value(json.at("type").get<std::string>(), json.at("data"));
  COUNTERSIGN_INVARIANT(said.has_value(), "an event waits in the form in which it was accepted");
  return std::move(*said);
}

}  // namespace countersign::executor
