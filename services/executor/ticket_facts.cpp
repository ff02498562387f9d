#include "executor/ticket_facts.hpp"

#include <nlohmann/json.hpp>

namespace countersign::executor {

namespace {

constexpr std::size_t most_field_bytes = 256 * 1024;

contracts::Json requester_json(const contracts::Requester& requester) {
  nlohmann::json object{{"id", requester.id}};
  if (requester.name) object["name"] = *requester.name;
  if (requester.email) object["email"] = *requester.email;
  return contracts::Json(std::move(object));
}

contracts::Json actor_json(const std::optional<contracts::Actor>& actor) {
  if (!actor) return {};
  return contracts::Json(nlohmann::json{{"id", actor->id}, {"roles", actor->roles}});
}

}  // namespace

void open_ticket(Ticket& ticket, const contracts::TicketOpened& opened, Vouched vouched) {
  ticket.status = TicketStatus::open;
  ticket.requester = requester_json(opened.requester);
  ticket.authenticated = vouched.requester;
  ticket.actor = actor_json(opened.actor);
  ticket.actor_authenticated = vouched.actor;
  ticket.instruction = opened.instruction;
  ticket.subject = opened.subject;
  ticket.text = opened.text;
  ticket.fields = opened.fields;
}

base::Result<void> update_ticket(Ticket& ticket, const contracts::TicketUpdated& updated) {
  nlohmann::json fields = ticket.fields.value();
  fields.merge_patch(updated.fields.value());
  contracts::Json merged(std::move(fields));
  if (merged.text().size() > most_field_bytes) return base::refuse("fields_too_large", "the ticket's fields would grow past 256 KiB");
  ticket.fields = std::move(merged);
  return {};
}

}  // namespace countersign::executor
