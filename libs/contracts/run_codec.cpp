#include <nlohmann/json.hpp>

#include "contracts/message_codecs.hpp"
#include "contracts/parts.hpp"
#include "contracts/text_rules.hpp"

namespace countersign::contracts {

namespace {

constexpr std::size_t most_wording = 100;

Event read_step_succeeded(MemberReader data) {
  auto message = read_about_step<StepSucceeded>(data);
  message.name = data.ruled("name", valid_step_name, "a step's name");
  message.tool = data.name("tool");
  message.ticket_version = data.count("ticket_version", 1);
  message.result = data.free_object("result", result_depth);
  return message;
}

Event read_step_ended(MemberReader data, std::string_view end) {
  auto message = read_about_ticket<StepEnded>(data);
  message.end = end;
  message.run = data.count("run", 0);
  message.step = data.count("step", 0);
  message.name = data.optional("name", [&] { return data.ruled("name", valid_step_name, "a step's name"); });
  message.tool = data.optional("tool", [&] { return data.name("tool"); });
  message.ticket_version = data.count("ticket_version", 1);
  message.codes = data.codes("codes");
  if (end == "changes_requested") message.text = data.text("text", 1, 2000);
  return message;
}

Event read_run_stopped(MemberReader data) {
  auto message = read_about_ticket<RunStopped>(data);
  message.run = data.count("run", 1);
  message.ticket_version = data.count("ticket_version", 1);
  message.stop_reason = data.word("stop_reason", {"resolved", "draft_ready", "denied", "escalated", "failed", "cancelled", "superseded"});
  message.codes = data.codes("codes");
  message.effects = read_effects(data);
  return message;
}

Event read_outcome(MemberReader data, std::string_view stop_reason) {
  auto message = read_about_ticket<Outcome>(data);
  message.run = data.count("run", 0);
  message.ticket_version = data.count("ticket_version", 1);
  message.stop_reason = data.word("stop_reason", {stop_reason});
  message.codes = data.codes("codes");
  message.resolution = data.optional("resolution", [&] { return read_resolution(data.object("resolution")); });
  message.effects = read_effects(data);
  message.requires_followup = data.optional("requires_followup", [&] { return data.boolean("requires_followup"); });
  message.wording =
      data.optional("wording", [&] { return data.texts("wording", most_wording, 1, 1024); }).value_or(std::vector<std::string>{});
  message.agent = data.optional("agent", [&] { return read_agent(data.object("agent")); });
  message.actor = data.optional("actor", [&] { return read_actor_id(data.object("actor")); });
  return message;
}

}  // namespace

std::vector<TypeReader> run_readers() {
  return {{types::step_succeeded, read_step_succeeded},
          {types::step_failed, [](MemberReader data) { return read_step_ended(data, "failed"); }},
          {types::step_unknown, [](MemberReader data) { return read_step_ended(data, "unknown"); }},
          {types::step_denied, [](MemberReader data) { return read_step_ended(data, "denied"); }},
          {types::step_withdrawn, [](MemberReader data) { return read_step_ended(data, "withdrawn"); }},
          {types::step_rejected, [](MemberReader data) { return read_step_ended(data, "rejected"); }},
          {types::step_expired, [](MemberReader data) { return read_step_ended(data, "expired"); }},
          {types::step_changes_requested, [](MemberReader data) { return read_step_ended(data, "changes_requested"); }},
          {types::run_stopped, read_run_stopped},
          {types::ticket_resolved, [](MemberReader data) { return read_outcome(data, "resolved"); }},
          {types::ticket_drafted, [](MemberReader data) { return read_outcome(data, "draft_ready"); }},
          {types::ticket_denied, [](MemberReader data) { return read_outcome(data, "denied"); }},
          {types::ticket_escalated, [](MemberReader data) { return read_outcome(data, "escalated"); }},
          {types::ticket_failed, [](MemberReader data) { return read_outcome(data, "failed"); }},
          {types::ticket_cancelled, [](MemberReader data) { return read_outcome(data, "cancelled"); }}};
}

MemberWriter write_message(const StepSucceeded& message) {
  auto object = write_about_step(message);
  object.put("name", message.name).put("tool", message.tool).put("ticket_version", message.ticket_version).put("result", message.result);
  return object;
}

MemberWriter write_message(const StepEnded& message) {
  auto object = write_about_step(message);
  object.put("name", message.name).put("tool", message.tool).put("ticket_version", message.ticket_version);
  object.put("codes", message.codes).put("text", message.text);
  return object;
}

MemberWriter write_message(const RunStopped& message) {
  auto object = write_about_ticket(message);
  object.put("run", message.run).put("ticket_version", message.ticket_version).put("stop_reason", message.stop_reason);
  object.put("codes", message.codes).list("effects", message.effects, write_each);
  return object;
}

MemberWriter write_message(const Outcome& message) {
  auto object = write_about_ticket(message);
  object.put("run", message.run).put("ticket_version", message.ticket_version).put("stop_reason", message.stop_reason);
  object.put("codes", message.codes).list("effects", message.effects, write_each);
  object.put("requires_followup", message.requires_followup).unless_empty("wording", message.wording);
  if (message.resolution) object.part("resolution", write_part(*message.resolution));
  if (message.agent) object.part("agent", write_part(*message.agent));
  if (message.actor) object.part("actor", write_actor_id(*message.actor));
  return object;
}

}  // namespace countersign::contracts
