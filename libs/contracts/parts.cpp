#include "contracts/parts.hpp"

#include <nlohmann/json.hpp>

#include "contracts/codec.hpp"
#include "contracts/guarded_json.hpp"
#include "contracts/text_rules.hpp"

namespace countersign::contracts {

using nlohmann::json;

Resolution read_resolution(MemberReader object) {
  Resolution resolution;
  resolution.category = object.text("category", 1, 64);
  resolution.action_taken = object.text("action_taken", 0, 1024);
  resolution.resolution = object.text("resolution", 0, 4096);
  resolution.requires_followup = object.boolean("requires_followup");
  return resolution;
}

ProposedStep read_step(MemberReader object) {
  ProposedStep step;
  step.name = object.ruled("name", valid_step_name, "a step's name");
  step.tool = object.ruled("tool", valid_name, "a tool's name");
  step.arguments = object.free_object("arguments", free_json_depth);
  return step;
}

ProposedClose read_close(MemberReader object) {
  ProposedClose close;
  close.stop_reason = object.word("stop_reason", {"resolved", "draft_ready", "denied", "escalated"});
  close.reason = object.optional("reason", [&] { return object.code("reason"); });
  close.resolution = object.optional("resolution", [&] { return read_resolution(object.object("resolution")); });
  return close;
}

EffectSummary read_effect(MemberReader object) {
  EffectSummary effect;
  effect.run = object.count("run", 1);
  effect.step = object.count("step", 1);
  effect.tool = object.ruled("tool", valid_name, "a tool's name");
  effect.state = object.word("state", {"ready", "claimed", "succeeded", "failed", "unknown", "compensated"});
  effect.target = object.optional("target", [&] { return object.text("target", 0, 1024); });
  effect.amount = object.optional("amount", [&] { return object.money("amount"); });
  effect.operation = object.optional("operation", [&] { return object.text("operation", 1, 256); });
  return effect;
}

std::vector<EffectSummary> read_effects(MemberReader& parent) {
  std::vector<EffectSummary> effects;
  for (const auto& object : parent.objects("effects", most_effects)) effects.push_back(read_effect(object));
  return effects;
}

AgentVersion read_agent(MemberReader object) { return {object.name("name"), object.count("version", 1)}; }

std::string read_actor_id(MemberReader object) { return object.text("id", 1, 256); }

std::vector<DecidingPerson> read_people(MemberReader& parent) {
  std::vector<DecidingPerson> people;
  for (auto object : parent.objects("people", most_deciding_people))
    people.push_back({object.text("person", 1, 128), object.optional("role", [&] { return object.name("role"); })});
  return people;
}

MemberWriter write_part(const Resolution& resolution) {
  MemberWriter object;
  object.put("category", resolution.category).put("action_taken", resolution.action_taken).put("resolution", resolution.resolution);
  object.put("requires_followup", resolution.requires_followup);
  return object;
}

MemberWriter write_part(const ProposedStep& step) {
  MemberWriter object;
  object.put("name", step.name).put("tool", step.tool).put("arguments", step.arguments);
  return object;
}

MemberWriter write_part(const ProposedClose& close) {
  MemberWriter object;
  object.put("stop_reason", close.stop_reason).put("reason", close.reason);
  if (close.resolution) object.part("resolution", write_part(*close.resolution));
  return object;
}

MemberWriter write_part(const base::Money& money) {
  MemberWriter object;
  object.put("minor", std::to_string(money.minor)).put("currency", money.currency);
  return object;
}

MemberWriter write_part(const EffectSummary& effect) {
  MemberWriter object;
  object.put("run", effect.run).put("step", effect.step).put("tool", effect.tool).put("state", effect.state);
  object.put("target", effect.target).put("amount", effect.amount).put("operation", effect.operation);
  return object;
}

MemberWriter write_part(const AgentVersion& agent) {
  MemberWriter object;
  object.put("name", agent.name).put("version", agent.version);
  return object;
}

MemberWriter write_part(const DecidingPerson& person) {
  MemberWriter object;
  object.put("person", person.person).put("role", person.role);
  return object;
}

MemberWriter write_actor_id(const std::string& id) {
  MemberWriter object;
  object.put("id", id);
  return object;
}

std::string encode(const std::vector<EffectSummary>& effects) {
  std::string text;
  MemberWriter::append_list(effects, text, write_each);
  return text;
}

std::string encode(const Resolution& resolution) { return write_part(resolution).text(); }

base::Result<std::vector<EffectSummary>> decode_effects(std::string_view text) {
  auto array = read_json(text);
  if (!array) return tl::unexpected(std::move(array.error()));
  json wrapped = json::object();
  wrapped["effects"] = std::move(*array);
  Mistake mistake;
  MemberReader reader(wrapped, "", mistake);
  auto effects = read_effects(reader);
  if (mistake.made()) return tl::unexpected(mistake.refusal());
  return effects;
}

base::Result<Resolution> decode_resolution(std::string_view text) {
  auto object = read_json(text);
  if (!object) return tl::unexpected(std::move(object.error()));
  Mistake mistake;
  auto resolution = read_resolution(MemberReader(*object, "", mistake));
  if (mistake.made()) return tl::unexpected(mistake.refusal());
  return resolution;
}

}  // namespace countersign::contracts
