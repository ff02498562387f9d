#include <nlohmann/json.hpp>

#include "contracts/message_codecs.hpp"
#include "contracts/parts.hpp"
#include "contracts/text_rules.hpp"

namespace countersign::contracts {

namespace {

constexpr std::size_t most_answer = 1024;

template <typename M>
M read_about_letter(MemberReader& data) {
  auto message = read_about_step<M>(data);
  message.message_id = data.uuid("message_id");
  return message;
}

Event read_message_requested(MemberReader data) {
  auto message = read_about_letter<MessageRequested>(data);
  message.channel = data.word("channel", {"email"});
  message.mailbox = data.name("mailbox");
  message.to = data.ruled("to", valid_mail_address, "one plain mail address");
  message.subject = data.ruled("subject", valid_one_line, "one line of 1 to 256 characters");
  message.text = data.text("text", 0, most_text);
  message.html = data.optional("html", [&] { return data.text("html", 0, most_text); });
  message.template_label = data.ruled("template", valid_playbook_label, "name@version");
  return message;
}

Event read_message_withdrawn(MemberReader data) { return read_about_letter<MessageWithdrawn>(data); }

Event read_delivery_delivered(MemberReader data) {
  auto message = read_about_letter<DeliveryDelivered>(data);
  message.delivery_id = data.uuid("delivery_id");
  message.accepted_at = data.time("accepted_at");
  message.answer = data.text("answer", 0, most_answer);
  return message;
}

Event read_delivery_dead(MemberReader data) {
  auto message = read_about_letter<DeliveryDead>(data);
  message.delivery_id = data.uuid("delivery_id");
  message.code = data.code("code");
  message.maybe_sent = data.boolean("maybe_sent");
  message.answer = data.optional("answer", [&] { return data.text("answer", 0, most_answer); });
  return message;
}

template <typename M>
MemberWriter write_about_letter(const M& message) {
  auto object = write_about_step(message);
  object.put("message_id", message.message_id);
  return object;
}

}  // namespace

std::vector<TypeReader> mail_readers() {
  return {{types::message_requested, read_message_requested},
          {types::message_withdrawn, read_message_withdrawn},
          {types::delivery_delivered, read_delivery_delivered},
          {types::delivery_dead, read_delivery_dead}};
}

MemberWriter write_message(const MessageRequested& message) {
  auto object = write_about_letter(message);
  object.put("channel", message.channel).put("mailbox", message.mailbox).put("to", message.to).put("subject", message.subject);
  object.put("text", message.text).put("html", message.html).put("template", message.template_label);
  return object;
}

MemberWriter write_message(const MessageWithdrawn& message) { return write_about_letter(message); }

MemberWriter write_message(const DeliveryDelivered& message) {
  auto object = write_about_letter(message);
  object.put("delivery_id", message.delivery_id).put("accepted_at", message.accepted_at).put("answer", message.answer);
  return object;
}

MemberWriter write_message(const DeliveryDead& message) {
  auto object = write_about_letter(message);
  object.put("delivery_id", message.delivery_id)
      .put("code", message.code)
      .put("maybe_sent", message.maybe_sent)
      .put("answer", message.answer);
  return object;
}

}  // namespace countersign::contracts
