#include <nlohmann/json.hpp>

#include "contracts/message_codecs.hpp"
#include "contracts/parts.hpp"
#include "contracts/text_rules.hpp"

namespace countersign::contracts {

namespace {

constexpr std::size_t most_instruction = 4096;
constexpr std::size_t most_actor_roles = 32;

Requester read_requester(MemberReader object) {
  Requester requester;
  requester.id = object.text("id", 1, 256);
  requester.name = object.optional("name", [&] { return object.text("name", 0, 256); });
  requester.email = object.optional("email", [&] { return object.text("email", 0, 320); });
  return requester;
}

Actor read_actor(MemberReader object) {
  Actor actor;
  actor.id = object.text("id", 1, 256);
  actor.roles =
      object.optional("roles", [&] { return object.texts("roles", most_actor_roles, 1, 64); }).value_or(std::vector<std::string>{});
  return actor;
}

Event read_ticket_opened(MemberReader data) {
  auto message = read_about_ticket<TicketOpened>(data);
  message.requester = read_requester(data.object("requester"));
  message.requester_authenticated = data.optional("requester_authenticated", [&] { return data.boolean("requester_authenticated"); });
  message.subject = data.optional("subject", [&] { return data.text("subject", 0, 998); });
  message.text = data.text("text", 0, most_text);
  message.fields = data.free_object("fields", free_json_depth);
  message.opened_at = data.optional("opened_at", [&] { return data.time("opened_at"); });
  message.actor = data.optional("actor", [&] { return read_actor(data.object("actor")); });
  message.instruction = data.optional("instruction", [&] { return data.text("instruction", 0, most_instruction); });
  return message;
}

Event read_ticket_updated(MemberReader data) {
  auto message = read_about_ticket<TicketUpdated>(data);
  message.fields = data.free_object("fields", free_json_depth);
  return message;
}

Event read_ticket_message_added(MemberReader data) {
  auto message = read_about_ticket<TicketMessageAdded>(data);
  MemberReader author = data.object("author");
  message.author.kind = author.word("kind", {"requester", "agent", "system"});
  message.author.id = author.optional("id", [&] { return author.text("id", 1, 256); });
  message.text = data.text("text", 0, most_text);
  return message;
}

Event read_ticket_closed(MemberReader data) {
  auto message = read_about_ticket<TicketClosed>(data);
  message.reason = data.optional("reason", [&] { return data.text("reason", 0, 1024); });
  return message;
}

}  // namespace

std::vector<TypeReader> ticket_readers() {
  return {{types::ticket_opened, read_ticket_opened},
          {types::ticket_updated, read_ticket_updated},
          {types::ticket_message_added, read_ticket_message_added},
          {types::ticket_closed, read_ticket_closed}};
}

MemberWriter write_message(const TicketOpened& message) {
  MemberWriter requester;
  requester.put("id", message.requester.id).put("name", message.requester.name).put("email", message.requester.email);
  auto object = write_about_ticket(message);
  object.part("requester", requester);
  object.put("requester_authenticated", message.requester_authenticated).put("subject", message.subject).put("text", message.text);
  object.put("fields", message.fields).put("opened_at", message.opened_at).put("instruction", message.instruction);
  if (message.actor) object.part("actor", MemberWriter().put("id", message.actor->id).unless_empty("roles", message.actor->roles));
  return object;
}

MemberWriter write_message(const TicketUpdated& message) {
  auto object = write_about_ticket(message);
  object.put("fields", message.fields);
  return object;
}

MemberWriter write_message(const TicketMessageAdded& message) {
  auto object = write_about_ticket(message);
  object.part("author", MemberWriter().put("kind", message.author.kind).put("id", message.author.id));
  object.put("text", message.text);
  return object;
}

MemberWriter write_message(const TicketClosed& message) {
  auto object = write_about_ticket(message);
  object.put("reason", message.reason);
  return object;
}

}  // namespace countersign::contracts
