#include "executor/run_messages.hpp"

#include <nlohmann/json.hpp>

#include "base/invariant.hpp"
#include "contracts/codec.hpp"
#include "domain/handoff_priority.hpp"
#include "executor/shortened.hpp"

namespace countersign::executor {

namespace {

// Messages promise objects; a tool may answer with anything.
contracts::Json as_object(const contracts::Json& result) {
  if (result.is_null()) return contracts::Json::object();
  if (result.value().is_object()) return result;
  return contracts::Json(nlohmann::json{{"value", result.value()}});
}

std::string summary_of(const Run& run, std::string_view reason, const std::vector<contracts::EffectSummary>& effects) {
  std::string text = run.number == 0 ? "The ticket needs a person" : "Run " + std::to_string(run.number) + " needs a person";
  text += ": " + std::string(reason) + ".";
  for (const auto& effect : effects) {
    text += " " + effect.tool + (effect.target ? " on " + *effect.target : "") + ": " + effect.state;
    if (effect.amount) text += ", " + base::to_text(*effect.amount);
    text += ".";
  }
  return shortened(std::move(text), 1000);
}

std::optional<contracts::Resolution> resolution_of(const Run& run) {
  if (run.resolution.is_null()) return std::nullopt;
  auto resolution = contracts::decode_resolution(run.resolution.text());
  COUNTERSIGN_INVARIANT(resolution.has_value(), "a resolution is stored as it was accepted");
  return std::move(*resolution);
}

std::string stop_word(const Run& run) {
  COUNTERSIGN_INVARIANT(run.stop_reason.has_value(), "what has ended has a reason");
  return std::string(domain::name_of(*run.stop_reason));
}

// What every message about a step says.
template <typename Message>
Message of_step(const TicketCase& one, const Step& step) {
  Message message;
  message.tenant = one.ticket.tenant;
  message.ticket_id = one.ticket.id;
  message.run = step.run;
  message.step = step.number;
  message.name = step.name;
  message.tool = step.tool;
  message.ticket_version = one.run->version;
  return message;
}

// What every message about the end of a run, or of its ticket, says.
template <typename Message>
Message ending(const TicketCase& one, const Run& run) {
  Message message;
  message.tenant = one.ticket.tenant;
  message.ticket_id = one.ticket.id;
  message.run = run.number;
  message.ticket_version = run.version;
  message.stop_reason = stop_word(run);
  message.codes = run.codes;
  message.effects = effect_summaries(one, run.number);
  return message;
}

}  // namespace

base::Uuid tell(const TicketCase& one, std::int32_t run, std::string topic, const contracts::Event& event, pipeline::Batch& batch) {
  pipeline::Emission emission;
  emission.topic = std::move(topic);
  emission.key = one.key();
  emission.type = contracts::type_of(event);
  emission.tenant = one.ticket.tenant;
  emission.subject = one.ticket.id;
  emission.data = contracts::encode(event);
  if (run > 0) emission.correlation_id = run_label(one.ticket, run);
  return batch.emit(std::move(emission));
}

std::string topic_in_realm(std::string_view topic, std::string_view realm) {
  std::string text(topic);
  if (realm != "main") text.append(".").append(realm);
  return text;
}

std::string run_label(const Ticket& ticket, std::int32_t run) { return ticket.tenant + "/" + ticket.id + "/" + std::to_string(run); }

base::Uuid tell_step_succeeded(const TicketCase& one, const Step& step, const contracts::Json& result, pipeline::Batch& batch) {
  auto message = of_step<contracts::StepSucceeded>(one, step);
  message.result = as_object(result);
  return tell(one, step.run, "steps", message, batch);
}

base::Uuid tell_step_ended(const TicketCase& one, const Step& step, std::string_view end, pipeline::Batch& batch) {
  auto message = of_step<contracts::StepEnded>(one, step);
  message.end = end;
  message.codes = step.codes;
  message.text = step.changes_wanted;
  return tell(one, step.run, "steps", message, batch);
}

base::Uuid tell_plan_rejected(const TicketCase& one, const std::vector<std::string>& codes, pipeline::Batch& batch) {
  contracts::StepEnded message;
  message.end = "rejected";
  message.tenant = one.ticket.tenant;
  message.ticket_id = one.ticket.id;
  message.run = one.run->number;
  message.ticket_version = one.run->version;
  message.codes = codes;
  return tell(one, one.run->number, "steps", message, batch);
}

base::Uuid tell_run_stopped(const TicketCase& one, const Run& run, pipeline::Batch& batch) {
  return tell(one, run.number, "steps", ending<contracts::RunStopped>(one, run), batch);
}

base::Uuid tell_outcome(const TicketCase& one, const Run& run, std::vector<std::string> wording, pipeline::Batch& batch) {
  auto message = ending<contracts::Outcome>(one, run);
  message.wording = std::move(wording);
  message.agent = agent_of(run);
  if (!run.actor.empty()) message.actor = run.actor;
  message.resolution = resolution_of(run);
  if (message.resolution) message.requires_followup = message.resolution->requires_followup;
  return tell(one, run.number, topic_in_realm("outcomes", one.ticket.realm), message, batch);
}

base::Uuid refer_handoff(const TicketCase& one, const Run& run, std::string_view reason, pipeline::Batch& batch) {
  contracts::ReferralHandoff message;
  message.tenant = one.ticket.tenant;
  message.ticket_id = one.ticket.id;
  message.run = run.number;
  message.reason = reason;
  message.codes = run.codes;
  message.priority = domain::name_of(domain::priority_of(reason));
  message.effects = effect_summaries(one, run.number);
  message.summary = summary_of(run, reason, message.effects);
  return tell(one, run.number, "referrals", message, batch);
}

}  // namespace countersign::executor
