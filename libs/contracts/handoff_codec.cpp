#include <nlohmann/json.hpp>

#include "contracts/message_codecs.hpp"
#include "contracts/parts.hpp"

namespace countersign::contracts {

namespace {

template <typename M>
M read_referred(MemberReader& data) {
  auto message = read_about_ticket<M>(data);
  message.run = data.count("run", 0);
  message.reason = data.code("reason");
  message.codes = data.codes("codes");
  message.priority = data.word("priority", {"low", "normal", "high", "urgent"});
  message.summary = data.text("summary", 0, 4096);
  message.effects = read_effects(data);
  return message;
}

Event read_referral_handoff(MemberReader data) { return read_referred<ReferralHandoff>(data); }

Event read_handoff_opened(MemberReader data) {
  auto message = read_referred<HandoffOpened>(data);
  message.handoff_id = data.uuid("handoff_id");
  message.opened_at = data.time("opened_at");
  return message;
}

template <typename M>
MemberWriter write_referred(const M& message) {
  auto object = write_about_ticket(message);
  object.put("run", message.run).put("reason", message.reason).put("codes", message.codes).put("priority", message.priority);
  object.put("summary", message.summary).list("effects", message.effects, write_each);
  return object;
}

}  // namespace

std::vector<TypeReader> handoff_readers() {
  return {{types::referral_handoff, read_referral_handoff}, {types::handoff_opened, read_handoff_opened}};
}

MemberWriter write_message(const ReferralHandoff& message) { return write_referred(message); }

MemberWriter write_message(const HandoffOpened& message) {
  auto object = write_referred(message);
  object.put("handoff_id", message.handoff_id).put("opened_at", message.opened_at);
  return object;
}

}  // namespace countersign::contracts
