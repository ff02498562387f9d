#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "contracts/codec.hpp"
#include "contracts/guarded_json.hpp"
#include "contracts/parts.hpp"
#include "contracts/text_rules.hpp"

namespace countersign::contracts {

namespace {

constexpr std::size_t most_text = 16'384;

// The members that every message of a ticket repeats.
template <typename M>
M about_ticket(MemberReader& data) {
  M message;
  message.tenant = data.id("tenant");
  message.ticket_id = data.id("ticket_id");
  return message;
}

Requester read_requester(MemberReader object) {
  Requester requester;
  requester.id = object.text("id", 1, 256);
  requester.name = object.optional("name", [&] { return object.text("name", 0, 256); });
  requester.email = object.optional("email", [&] { return object.text("email", 0, 320); });
  return requester;
}

Event read_ticket_opened(MemberReader data) {
  auto message = about_ticket<TicketOpened>(data);
  message.requester = read_requester(data.object("requester"));
  message.requester_authenticated = data.optional("requester_authenticated", [&] { return data.boolean("requester_authenticated"); });
  message.subject = data.optional("subject", [&] { return data.text("subject", 0, 998); });
  message.text = data.text("text", 0, most_text);
  message.fields = data.free_object("fields", free_json_depth);
  message.opened_at = data.optional("opened_at", [&] { return data.ruled("opened_at", valid_time, "an RFC 3339 time"); });
  return message;
}

Event read_ticket_updated(MemberReader data) {
  auto message = about_ticket<TicketUpdated>(data);
  message.fields = data.free_object("fields", free_json_depth);
  return message;
}

Event read_ticket_message_added(MemberReader data) {
  auto message = about_ticket<TicketMessageAdded>(data);
  MemberReader author = data.object("author");
  message.author.kind = author.word("kind", {"requester", "agent", "system"});
  message.author.id = author.optional("id", [&] { return author.text("id", 1, 256); });
  message.text = data.text("text", 0, most_text);
  return message;
}

Event read_ticket_closed(MemberReader data) {
  auto message = about_ticket<TicketClosed>(data);
  message.reason = data.optional("reason", [&] { return data.text("reason", 0, 1024); });
  return message;
}

AgentVersion read_agent(MemberReader object) {
  AgentVersion agent;
  agent.name = object.ruled("name", valid_name, "a name");
  agent.version = object.count("version", 1);
  return agent;
}

Opinion read_opinion(MemberReader object) {
  Opinion opinion;
  opinion.category = object.optional("category", [&] { return object.text("category", 1, 64); });
  opinion.confidence = object.optional("confidence", [&] { return object.integer("confidence", 0, 1000); });
  return opinion;
}

// What a schema cannot say: later steps refer to earlier ones by name.
void check_names_unique(MemberReader& data, const std::vector<ProposedStep>& steps) {
  std::set<std::string_view> names;
  for (const auto& step : steps)
    if (data.intact() && !names.insert(step.name).second) data.refuse("steps", "a list of steps with different names");
}

Event read_plan_proposed(MemberReader data) {
  auto message = about_ticket<PlanProposed>(data);
  message.ticket_version = data.count("ticket_version", 1);
  message.after = data.count("after", 0);
  message.agent = read_agent(data.object("agent"));
  message.playbook = data.optional("playbook", [&] { return data.ruled("playbook", valid_playbook_label, "name@version"); });
  for (const auto& step : data.objects("steps", most_steps)) message.steps.push_back(read_step(step));
  message.close = data.optional("close", [&] { return read_close(data.object("close")); });
  message.opinion = data.optional("opinion", [&] { return read_opinion(data.object("opinion")); });
  if (data.intact() && message.steps.empty() && !message.close) data.refuse("steps", "a list with a step, and there is no close either");
  check_names_unique(data, message.steps);
  return message;
}

Event read_plan_withdrawn(MemberReader data) {
  auto message = about_ticket<PlanWithdrawn>(data);
  message.ticket_version = data.count("ticket_version", 1);
  message.after = data.count("after", 0);
  message.reason = data.code("reason");
  return message;
}

Event read_step_succeeded(MemberReader data) {
  auto message = about_ticket<StepSucceeded>(data);
  message.run = data.count("run", 1);
  message.step = data.count("step", 1);
  message.name = data.ruled("name", valid_step_name, "a step's name");
  message.tool = data.ruled("tool", valid_name, "a tool's name");
  message.ticket_version = data.count("ticket_version", 1);
  message.result = data.free_object("result", result_depth);
  return message;
}

Event read_step_ended(MemberReader data, std::string_view end) {
  auto message = about_ticket<StepEnded>(data);
  message.end = end;
  message.run = data.count("run", 0);
  message.step = data.count("step", 0);
  message.name = data.optional("name", [&] { return data.ruled("name", valid_step_name, "a step's name"); });
  message.tool = data.optional("tool", [&] { return data.ruled("tool", valid_name, "a tool's name"); });
  message.ticket_version = data.count("ticket_version", 1);
  message.codes = data.codes("codes");
  return message;
}

Event read_run_stopped(MemberReader data) {
  auto message = about_ticket<RunStopped>(data);
  message.run = data.count("run", 1);
  message.ticket_version = data.count("ticket_version", 1);
  message.stop_reason = data.word("stop_reason", {"resolved", "draft_ready", "denied", "escalated", "failed", "cancelled", "superseded"});
  message.codes = data.codes("codes");
  message.effects = read_effects(data);
  return message;
}

Event read_outcome(MemberReader data, std::string_view stop_reason) {
  auto message = about_ticket<Outcome>(data);
  message.run = data.count("run", 0);
  message.ticket_version = data.count("ticket_version", 1);
  message.stop_reason = data.word("stop_reason", {stop_reason});
  message.codes = data.codes("codes");
  message.resolution = data.optional("resolution", [&] { return read_resolution(data.object("resolution")); });
  message.effects = read_effects(data);
  message.requires_followup = data.optional("requires_followup", [&] { return data.boolean("requires_followup"); });
  return message;
}

template <typename M>
M read_referred(MemberReader& data) {
  auto message = about_ticket<M>(data);
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
  message.handoff_id = base::Uuid::parse(data.ruled("handoff_id", valid_uuid, "a UUID")).value_or(base::Uuid{});
  message.opened_at = data.ruled("opened_at", valid_time, "an RFC 3339 time");
  return message;
}

using Reader = Event (*)(MemberReader);

const std::map<std::string_view, Reader>& readers() {
  static const std::map<std::string_view, Reader> table{
      {types::ticket_opened, read_ticket_opened},
      {types::ticket_updated, read_ticket_updated},
      {types::ticket_message_added, read_ticket_message_added},
      {types::ticket_closed, read_ticket_closed},
      {types::plan_proposed, read_plan_proposed},
      {types::plan_withdrawn, read_plan_withdrawn},
      {types::step_succeeded, read_step_succeeded},
      {types::step_failed, [](MemberReader data) { return read_step_ended(data, "failed"); }},
      {types::step_unknown, [](MemberReader data) { return read_step_ended(data, "unknown"); }},
      {types::step_denied, [](MemberReader data) { return read_step_ended(data, "denied"); }},
      {types::step_withdrawn, [](MemberReader data) { return read_step_ended(data, "withdrawn"); }},
      {types::step_rejected, [](MemberReader data) { return read_step_ended(data, "rejected"); }},
      {types::run_stopped, read_run_stopped},
      {types::ticket_resolved, [](MemberReader data) { return read_outcome(data, "resolved"); }},
      {types::ticket_drafted, [](MemberReader data) { return read_outcome(data, "draft_ready"); }},
      {types::ticket_denied, [](MemberReader data) { return read_outcome(data, "denied"); }},
      {types::ticket_escalated, [](MemberReader data) { return read_outcome(data, "escalated"); }},
      {types::ticket_failed, [](MemberReader data) { return read_outcome(data, "failed"); }},
      {types::ticket_cancelled, [](MemberReader data) { return read_outcome(data, "cancelled"); }},
      {types::referral_handoff, read_referral_handoff},
      {types::handoff_opened, read_handoff_opened},
  };
  return table;
}

}  // namespace

bool known_type(std::string_view type) { return readers().contains(type); }

base::Result<Event> decode_value(std::string_view type, const nlohmann::json& data) {
  const auto reader = readers().find(type);
  if (reader == readers().end()) return base::refuse("type_unknown", "no message has the type " + std::string(type.substr(0, 64)));
  Mistake mistake;
  Event event = reader->second(MemberReader(data, "", mistake));
  if (mistake.made()) return tl::unexpected(mistake.refusal());
  return event;
}

base::Result<Event> decode(std::string_view type, std::string_view data) {
  const auto value = read_json(data);
  if (!value) return tl::unexpected(value.error());
  return decode_value(type, *value);
}

}  // namespace countersign::contracts
