#include <nlohmann/json.hpp>

#include "contracts/message_codecs.hpp"
#include "contracts/parts.hpp"
#include "contracts/shown_codec.hpp"
#include "contracts/text_rules.hpp"

namespace countersign::contracts {

namespace {

Event read_referral_approval(MemberReader data) {
  ReferralApproval message;
  message.shown = read_shown(data);
  message.request = data.text("request", 1, most_text);
  return message;
}

Event read_referral_renewal(MemberReader data) { return read_about_approval<ReferralRenewal>(data); }

Event read_referral_consumed(MemberReader data) {
  auto message = read_about_approval<ReferralConsumed>(data);
  message.jti = data.ruled("jti", valid_nonce, "16 to 64 letters, digits, - and _");
  return message;
}

Event read_referral_withdrawn(MemberReader data) {
  auto message = read_about_approval<ReferralWithdrawn>(data);
  message.codes = data.codes("codes");
  return message;
}

EarlierDenial read_denial(MemberReader object) {
  EarlierDenial denial;
  denial.approval_id = object.uuid("approval_id");
  denial.person = object.text("person", 1, 128);
  denial.at = object.time("at");
  denial.reason = object.text("reason", 0, 2000);
  return denial;
}

Event read_approval_requested(MemberReader data) {
  ApprovalRequested message;
  message.shown = read_shown(data);
  message.expires_at = data.optional("expires_at", [&] { return data.time("expires_at"); });
  message.allowed_decisions = data.ruled_list("allowed_decisions", 3, valid_verb, "a verb of a decision");
  if (data.has("denied_before"))
    for (const auto& denial : data.objects("denied_before", most_earlier_denials)) message.denied_before.push_back(read_denial(denial));
  return message;
}

Event read_decision_recorded(MemberReader data) {
  auto message = read_about_approval<ApprovalDecisionRecorded>(data);
  message.person = data.text("person", 1, 128);
  message.verb = data.ruled("verb", valid_verb, "a verb of a decision");
  message.decision_digest = data.digest("decision_digest");
  message.at = data.time("at");
  message.counted = data.boolean("counted");
  return message;
}

Event read_approval_ended(MemberReader data, std::string_view end) {
  auto message = read_about_approval<ApprovalEnded>(data);
  message.end = end;
  message.people = read_people(data);
  message.reason = data.optional("reason", [&] { return data.text("reason", 0, 2000); });
  message.codes = data.optional("codes", [&] { return data.codes("codes"); }).value_or(std::vector<std::string>{});
  message.at = data.time("at");
  return message;
}

MemberWriter write_denial(const EarlierDenial& denial) {
  MemberWriter object;
  object.put("approval_id", denial.approval_id).put("person", denial.person).put("at", denial.at).put("reason", denial.reason);
  return object;
}

}  // namespace

std::vector<TypeReader> approval_readers() {
  return {{types::referral_approval, read_referral_approval},
          {types::referral_renewal, read_referral_renewal},
          {types::referral_consumed, read_referral_consumed},
          {types::referral_withdrawn, read_referral_withdrawn},
          {types::approval_requested, read_approval_requested},
          {types::approval_decision_recorded, read_decision_recorded},
          {types::approval_granted, [](MemberReader data) { return read_approval_ended(data, "granted"); }},
          {types::approval_denied, [](MemberReader data) { return read_approval_ended(data, "denied"); }},
          {types::approval_changes_requested, [](MemberReader data) { return read_approval_ended(data, "changes_requested"); }},
          {types::approval_expired, [](MemberReader data) { return read_approval_ended(data, "expired"); }},
          {types::approval_withdrawn, [](MemberReader data) { return read_approval_ended(data, "withdrawn"); }},
          {types::approval_consumed, [](MemberReader data) { return read_approval_ended(data, "consumed"); }}};
}

MemberWriter write_message(const ReferralApproval& message) {
  auto object = write_shown(message.shown);
  object.put("request", message.request);
  return object;
}

MemberWriter write_message(const ReferralRenewal& message) { return write_about_approval(message); }

MemberWriter write_message(const ReferralConsumed& message) {
  auto object = write_about_approval(message);
  object.put("jti", message.jti);
  return object;
}

MemberWriter write_message(const ReferralWithdrawn& message) {
  auto object = write_about_approval(message);
  object.put("codes", message.codes);
  return object;
}

MemberWriter write_message(const ApprovalRequested& message) {
  auto object = write_shown(message.shown);
  object.put("expires_at", message.expires_at).put("allowed_decisions", message.allowed_decisions);
  if (!message.denied_before.empty()) object.list("denied_before", message.denied_before, write_denial);
  return object;
}

MemberWriter write_message(const ApprovalDecisionRecorded& message) {
  auto object = write_about_approval(message);
  object.put("person", message.person).put("verb", message.verb).put("decision_digest", message.decision_digest);
  object.put("at", message.at).put("counted", message.counted);
  return object;
}

MemberWriter write_message(const ApprovalEnded& message) {
  auto object = write_about_approval(message);
  object.list("people", message.people, write_each).put("reason", message.reason);
  object.unless_empty("codes", message.codes).put("at", message.at);
  return object;
}

}  // namespace countersign::contracts
