#include "contracts/codec.hpp"

#include <map>
#include <nlohmann/json.hpp>

#include "base/invariant.hpp"
#include "contracts/guarded_json.hpp"
#include "contracts/message_codecs.hpp"

namespace countersign::contracts {

namespace {

std::map<std::string_view, Event (*)(MemberReader)> all_readers() {
  std::map<std::string_view, Event (*)(MemberReader)> all;
  for (const auto& family :
       {ticket_readers(), plan_readers(), run_readers(), handoff_readers(), approval_readers(), verdict_readers(), mail_readers()})
    for (const auto& [type, read] : family) all.emplace(type, read);
  return all;
}

const auto& readers() {
  static const auto all = all_readers();
  return all;
}

// The type `family.end`, as the codec knows it.
std::string_view known_type_of(std::string_view family, std::string_view end) {
  const auto found = readers().find(std::string(family) + "." + std::string(end));
  COUNTERSIGN_INVARIANT(found != readers().end(), "what ended did so in one of the ways that have a type");
  return found->first;
}

struct TypeOf {
  std::string_view operator()(const TicketOpened&) const { return types::ticket_opened; }
  std::string_view operator()(const TicketUpdated&) const { return types::ticket_updated; }
  std::string_view operator()(const TicketMessageAdded&) const { return types::ticket_message_added; }
  std::string_view operator()(const TicketClosed&) const { return types::ticket_closed; }
  std::string_view operator()(const PlanProposed&) const { return types::plan_proposed; }
  std::string_view operator()(const PlanWithdrawn&) const { return types::plan_withdrawn; }
  std::string_view operator()(const StepSucceeded&) const { return types::step_succeeded; }
  std::string_view operator()(const StepEnded& message) const { return known_type_of("step", message.end); }
  std::string_view operator()(const RunStopped&) const { return types::run_stopped; }
  std::string_view operator()(const Outcome& message) const {
    return known_type_of("ticket", message.stop_reason == "draft_ready" ? "drafted" : message.stop_reason);
  }
  std::string_view operator()(const ReferralHandoff&) const { return types::referral_handoff; }
  std::string_view operator()(const HandoffOpened&) const { return types::handoff_opened; }
  std::string_view operator()(const ReferralApproval&) const { return types::referral_approval; }
  std::string_view operator()(const ReferralRenewal&) const { return types::referral_renewal; }
  std::string_view operator()(const ReferralConsumed&) const { return types::referral_consumed; }
  std::string_view operator()(const ReferralWithdrawn&) const { return types::referral_withdrawn; }
  std::string_view operator()(const ApprovalRequested&) const { return types::approval_requested; }
  std::string_view operator()(const ApprovalDecisionRecorded&) const { return types::approval_decision_recorded; }
  std::string_view operator()(const ApprovalEnded& message) const { return known_type_of("approval", message.end); }
  std::string_view operator()(const DecisionSubmitted&) const { return types::decision_submitted; }
  std::string_view operator()(const VerdictGranted&) const { return types::verdict_granted; }
  std::string_view operator()(const VerdictEnded& message) const { return known_type_of("verdict", message.end); }
  std::string_view operator()(const MessageRequested&) const { return types::message_requested; }
  std::string_view operator()(const MessageWithdrawn&) const { return types::message_withdrawn; }
  std::string_view operator()(const DeliveryDelivered&) const { return types::delivery_delivered; }
  std::string_view operator()(const DeliveryDead&) const { return types::delivery_dead; }
};

// The struct that holds tenant and ticket.
template <typename M>
const auto& about(const M& message) {
  if constexpr (requires { message.shown; })
    return message.shown;
  else
    return message;
}

}  // namespace

bool known_type(std::string_view type) { return readers().contains(type); }

base::Result<Event> decode_value(std::string_view type, nlohmann::json&& data) {
  const auto reader = readers().find(type);
  if (reader == readers().end()) return base::refuse("type_unknown", "no message has the type " + std::string(type.substr(0, 64)));
  Mistake mistake;
  Event event = reader->second(MemberReader(data, "", mistake));
  if (mistake.made()) return tl::unexpected(mistake.refusal());
  return event;
}

base::Result<Event> decode_value(std::string_view type, const nlohmann::json& data) { return decode_value(type, nlohmann::json(data)); }

base::Result<Event> decode(std::string_view type, std::string_view data) {
  auto value = read_json(data);
  if (!value) return tl::unexpected(std::move(value.error()));
  return decode_value(type, std::move(*value));
}

template <Message M>
std::string encode(const M& message) {
  return write_message(message).text();
}

template std::string encode(const TicketOpened&);
template std::string encode(const TicketUpdated&);
template std::string encode(const TicketMessageAdded&);
template std::string encode(const TicketClosed&);
template std::string encode(const PlanProposed&);
template std::string encode(const PlanWithdrawn&);
template std::string encode(const StepSucceeded&);
template std::string encode(const StepEnded&);
template std::string encode(const RunStopped&);
template std::string encode(const Outcome&);
template std::string encode(const ReferralHandoff&);
template std::string encode(const HandoffOpened&);
template std::string encode(const ReferralApproval&);
template std::string encode(const ReferralRenewal&);
template std::string encode(const ReferralConsumed&);
template std::string encode(const ReferralWithdrawn&);
template std::string encode(const ApprovalRequested&);
template std::string encode(const ApprovalDecisionRecorded&);
template std::string encode(const ApprovalEnded&);
template std::string encode(const DecisionSubmitted&);
template std::string encode(const VerdictGranted&);
template std::string encode(const VerdictEnded&);
template std::string encode(const MessageRequested&);
template std::string encode(const MessageWithdrawn&);
template std::string encode(const DeliveryDelivered&);
template std::string encode(const DeliveryDead&);

std::string encode(const Event& event) {
  return std::visit([](const auto& message) { return write_message(message).text(); }, event);
}

std::string_view type_of(const Event& event) { return std::visit(TypeOf{}, event); }

std::string schema_id(std::string_view type) { return "urn:countersign:schema:" + std::string(type) + ":v1"; }

std::string_view tenant_of(const Event& event) {
  return std::visit([](const auto& message) -> std::string_view { return about(message).tenant; }, event);
}

std::string_view ticket_of(const Event& event) {
  return std::visit([](const auto& message) -> std::string_view { return about(message).ticket_id; }, event);
}

}  // namespace countersign::contracts
