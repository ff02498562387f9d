#include <nlohmann/json.hpp>

#include "contracts/message_codecs.hpp"
#include "contracts/parts.hpp"

namespace countersign::contracts {

namespace {

Event read_decision_submitted(MemberReader data) {
  auto message = read_about_ticket<DecisionSubmitted>(data);
  message.approval_id = data.uuid("approval_id");
  message.decision = data.text("decision", 1, most_text);
  return message;
}

Event read_verdict_granted(MemberReader data) {
  auto message = read_about_approval<VerdictGranted>(data);
  message.requirement_digest = data.digest("requirement_digest");
  message.countersignature = data.text("countersignature", 1, most_text);
  message.people = read_people(data);
  return message;
}

Event read_verdict_ended(MemberReader data, std::string_view end) {
  auto message = read_about_approval<VerdictEnded>(data);
  message.end = end;
  message.people = read_people(data);
  message.codes = data.codes("codes");
  if (end == "denied") message.reason = data.text("reason", 1, 2000);
  if (end == "changes_requested") message.text = data.text("text", 1, 2000);
  return message;
}

}  // namespace

std::vector<TypeReader> verdict_readers() {
  return {{types::decision_submitted, read_decision_submitted},
          {types::verdict_granted, read_verdict_granted},
          {types::verdict_denied, [](MemberReader data) { return read_verdict_ended(data, "denied"); }},
          {types::verdict_changes_requested, [](MemberReader data) { return read_verdict_ended(data, "changes_requested"); }},
          {types::verdict_expired, [](MemberReader data) { return read_verdict_ended(data, "expired"); }},
          {types::verdict_withdrawn, [](MemberReader data) { return read_verdict_ended(data, "withdrawn"); }}};
}

MemberWriter write_message(const DecisionSubmitted& message) {
  auto object = write_about_ticket(message);
  object.put("approval_id", message.approval_id).put("decision", message.decision);
  return object;
}

MemberWriter write_message(const VerdictGranted& message) {
  auto object = write_about_approval(message);
  object.put("requirement_digest", message.requirement_digest).put("countersignature", message.countersignature);
  object.list("people", message.people, write_each);
  return object;
}

MemberWriter write_message(const VerdictEnded& message) {
  auto object = write_about_approval(message);
  object.list("people", message.people, write_each).put("codes", message.codes);
  object.put("reason", message.reason).put("text", message.text);
  return object;
}

}  // namespace countersign::contracts
