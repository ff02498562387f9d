#include "planner/ticket_facts.hpp"

#include <nlohmann/json.hpp>

namespace countersign::planner {

namespace {

contracts::Json document_of(const contracts::Requester& requester) {
  nlohmann::json document{{"id", requester.id}};
  if (requester.name) document["name"] = *requester.name;
  if (requester.email) document["email"] = *requester.email;
  return contracts::Json(std::move(document));
}

contracts::Json document_of(const std::optional<contracts::Actor>& actor) {
  if (!actor) return {};
  return contracts::Json(nlohmann::json{{"id", actor->id}, {"roles", actor->roles}});
}

struct Applier {
  Conversation& conversation;

  base::Result<void> operator()(const contracts::TicketOpened& event) const {
    if (conversation.status == TicketStatus::open)
      return base::refuse("ticket_already_opened", "the ticket is open; change it with ticket.updated");
    conversation.status = TicketStatus::open;
    conversation.requester = document_of(event.requester);
    conversation.actor = document_of(event.actor);
    conversation.instruction = event.instruction;
    conversation.subject = event.subject;
    conversation.text = event.text;
    conversation.fields = event.fields;
    return {};
  }

  base::Result<void> operator()(const contracts::TicketUpdated& event) const {
    auto merged = conversation.fields.value();
    merged.merge_patch(event.fields.value());
    contracts::Json fields(std::move(merged));
    if (fields.text().size() > most_field_bytes) return base::refuse("fields_too_large", "the ticket's fields would exceed 256 KiB");
    conversation.fields = std::move(fields);
    return {};
  }

  base::Result<void> operator()(const contracts::TicketClosed&) const {
    conversation.status = TicketStatus::closed;
    return {};
  }

  // A message is text for people and for what reads text; no playbook matches on it.
  template <typename Other>
  base::Result<void> operator()(const Other&) const {
    return {};
  }
};

}  // namespace

base::Result<void> apply_event(Conversation& conversation, const contracts::Event& event) {
  return std::visit(Applier{conversation}, event);
}

}  // namespace countersign::planner
