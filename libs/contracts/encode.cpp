#include <nlohmann/json.hpp>

#include "base/invariant.hpp"
#include "contracts/canonical_writer.hpp"
#include "contracts/codec.hpp"
#include "contracts/parts.hpp"

namespace countersign::contracts {

namespace {

using nlohmann::json;

template <typename M>
json about_ticket(const M& message) {
  return {{"tenant", message.tenant}, {"ticket_id", message.ticket_id}};
}

template <typename T>
void put(json& object, const char* name, const std::optional<T>& member) {
  if (member) object[name] = *member;
}

template <typename M>
json referred(const M& message) {
  json object = about_ticket(message);
  object["run"] = message.run;
  object["reason"] = message.reason;
  object["codes"] = message.codes;
  object["priority"] = message.priority;
  object["summary"] = message.summary;
  object["effects"] = write_part(message.effects);
  return object;
}

std::string_view type_of_outcome(std::string_view stop_reason) {
  if (stop_reason == "resolved") return types::ticket_resolved;
  if (stop_reason == "draft_ready") return types::ticket_drafted;
  if (stop_reason == "denied") return types::ticket_denied;
  if (stop_reason == "escalated") return types::ticket_escalated;
  if (stop_reason == "failed") return types::ticket_failed;
  COUNTERSIGN_INVARIANT(stop_reason == "cancelled", "an outcome has one of six stop reasons");
  return types::ticket_cancelled;
}

std::string_view type_of_end(std::string_view end) {
  if (end == "failed") return types::step_failed;
  if (end == "unknown") return types::step_unknown;
  if (end == "denied") return types::step_denied;
  if (end == "withdrawn") return types::step_withdrawn;
  COUNTERSIGN_INVARIANT(end == "rejected", "a step that did not succeed ended in one of five ways");
  return types::step_rejected;
}

struct TypeOf {
  std::string_view operator()(const TicketOpened&) const { return types::ticket_opened; }
  std::string_view operator()(const TicketUpdated&) const { return types::ticket_updated; }
  std::string_view operator()(const TicketMessageAdded&) const { return types::ticket_message_added; }
  std::string_view operator()(const TicketClosed&) const { return types::ticket_closed; }
  std::string_view operator()(const PlanProposed&) const { return types::plan_proposed; }
  std::string_view operator()(const PlanWithdrawn&) const { return types::plan_withdrawn; }
  std::string_view operator()(const StepSucceeded&) const { return types::step_succeeded; }
  std::string_view operator()(const StepEnded& message) const { return type_of_end(message.end); }
  std::string_view operator()(const RunStopped&) const { return types::run_stopped; }
  std::string_view operator()(const Outcome& message) const { return type_of_outcome(message.stop_reason); }
  std::string_view operator()(const ReferralHandoff&) const { return types::referral_handoff; }
  std::string_view operator()(const HandoffOpened&) const { return types::handoff_opened; }
};

}  // namespace

std::string encode(const TicketOpened& message) {
  json object = about_ticket(message);
  json requester{{"id", message.requester.id}};
  put(requester, "name", message.requester.name);
  put(requester, "email", message.requester.email);
  object["requester"] = std::move(requester);
  put(object, "requester_authenticated", message.requester_authenticated);
  put(object, "subject", message.subject);
  object["text"] = message.text;
  object["fields"] = message.fields.value();
  put(object, "opened_at", message.opened_at);
  return write_json(object);
}

std::string encode(const TicketUpdated& message) {
  json object = about_ticket(message);
  object["fields"] = message.fields.value();
  return write_json(object);
}

std::string encode(const TicketMessageAdded& message) {
  json object = about_ticket(message);
  json author{{"kind", message.author.kind}};
  put(author, "id", message.author.id);
  object["author"] = std::move(author);
  object["text"] = message.text;
  return write_json(object);
}

std::string encode(const TicketClosed& message) {
  json object = about_ticket(message);
  put(object, "reason", message.reason);
  return write_json(object);
}

std::string encode(const PlanProposed& message) {
  json object = about_ticket(message);
  object["ticket_version"] = message.ticket_version;
  object["after"] = message.after;
  object["agent"] = {{"name", message.agent.name}, {"version", message.agent.version}};
  put(object, "playbook", message.playbook);
  object["steps"] = json::array();
  for (const auto& step : message.steps) object["steps"].push_back(write_part(step));
  if (message.close) object["close"] = write_part(*message.close);
  if (message.opinion) {
    json opinion = json::object();
    put(opinion, "category", message.opinion->category);
    put(opinion, "confidence", message.opinion->confidence);
    object["opinion"] = std::move(opinion);
  }
  return write_json(object);
}

std::string encode(const PlanWithdrawn& message) {
  json object = about_ticket(message);
  object["ticket_version"] = message.ticket_version;
  object["after"] = message.after;
  object["reason"] = message.reason;
  return write_json(object);
}

std::string encode(const StepSucceeded& message) {
  json object = about_ticket(message);
  object["run"] = message.run;
  object["step"] = message.step;
  object["name"] = message.name;
  object["tool"] = message.tool;
  object["ticket_version"] = message.ticket_version;
  object["result"] = message.result.value();
  return write_json(object);
}

std::string encode(const StepEnded& message) {
  json object = about_ticket(message);
  object["run"] = message.run;
  object["step"] = message.step;
  put(object, "name", message.name);
  put(object, "tool", message.tool);
  object["ticket_version"] = message.ticket_version;
  object["codes"] = message.codes;
  return write_json(object);
}

std::string encode(const RunStopped& message) {
  json object = about_ticket(message);
  object["run"] = message.run;
  object["ticket_version"] = message.ticket_version;
  object["stop_reason"] = message.stop_reason;
  object["codes"] = message.codes;
  object["effects"] = write_part(message.effects);
  return write_json(object);
}

std::string encode(const Outcome& message) {
  json object = about_ticket(message);
  object["run"] = message.run;
  object["ticket_version"] = message.ticket_version;
  object["stop_reason"] = message.stop_reason;
  object["codes"] = message.codes;
  if (message.resolution) object["resolution"] = write_part(*message.resolution);
  object["effects"] = write_part(message.effects);
  put(object, "requires_followup", message.requires_followup);
  return write_json(object);
}

std::string encode(const ReferralHandoff& message) { return write_json(referred(message)); }

std::string encode(const HandoffOpened& message) {
  json object = referred(message);
  object["handoff_id"] = message.handoff_id.str();
  object["opened_at"] = message.opened_at;
  return write_json(object);
}

std::string encode(const Event& event) {
  return std::visit([](const auto& message) { return encode(message); }, event);
}

std::string_view type_of(const Event& event) { return std::visit(TypeOf{}, event); }

std::string schema_id(std::string_view type) { return "urn:countersign:schema:" + std::string(type) + ":v1"; }

std::string_view tenant_of(const Event& event) {
  return std::visit([](const auto& message) -> std::string_view { return message.tenant; }, event);
}

std::string_view ticket_of(const Event& event) {
  return std::visit([](const auto& message) -> std::string_view { return message.ticket_id; }, event);
}

}  // namespace countersign::contracts
