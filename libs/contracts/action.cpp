#include "contracts/action.hpp"

#include <nlohmann/json.hpp>

#include "contracts/guarded_json.hpp"
#include "contracts/message_codecs.hpp"
#include "contracts/parts.hpp"
#include "contracts/text_rules.hpp"

namespace countersign::contracts {

namespace {

using nlohmann::json;

constexpr std::size_t most_origins = 256;
constexpr std::size_t most_labels = 50;
constexpr std::size_t most_rules = 200;
constexpr std::size_t most_roles = 20;
constexpr std::size_t most_exclusions = 100;
constexpr std::size_t most_key = 2048;
constexpr std::int64_t ten_years_s = 315'360'000;

domain::RoleDuty read_duty(MemberReader object) { return {object.name("role"), object.integer("people", 1, domain::most_people)}; }

// A decoder of one value that is kept by itself.
template <typename T>
base::Result<T> decode_part(std::string_view text, T (*read)(MemberReader)) {
  auto object = read_json(text);
  if (!object) return tl::unexpected(std::move(object.error()));
  Mistake mistake;
  T part = read(MemberReader(*object, "", mistake));
  if (mistake.made()) return tl::unexpected(mistake.refusal());
  return part;
}

MemberWriter write_action(const Action& action) {
  MemberWriter object = write_about_step(action);
  object.put("ticket_version", action.ticket_version).put("tool", action.tool).put("tool_version", action.tool_version);
  object.put("manifest_digest", action.manifest_digest).put("environment", action.environment).put("target", action.target);
  object.put("arguments", action.arguments).part("origins", json(action.origins)).put("amount", action.amount);
  object.put("operation_key", action.operation_key).put("holder_key", action.holder_key).put("idempotency_key", action.idempotency_key);
  object.part("agent", write_part(action.agent)).put("actor", action.actor).put("policy", action.policy).put("evidence", action.evidence);
  object.put("preview_digest", action.preview_digest).put("requirement_digest", action.requirement_digest);
  return object;
}

MemberWriter write_duty(const domain::RoleDuty& duty) {
  MemberWriter object;
  object.put("role", duty.role).put("people", duty.people);
  return object;
}

MemberWriter write_requirement(const domain::Requirement& requirement) {
  MemberWriter object;
  object.put("rules", requirement.rules).list("roles", requirement.roles, write_duty).put("quorum", requirement.quorum);
  object.put("stages", requirement.stages).put("exclusions", requirement.exclusions);
  object.put("expires_after_s", requirement.expires_after_s).put("floor", requirement.floor);
  return object;
}

}  // namespace

Action read_action(MemberReader object) {
  auto action = read_about_step<Action>(object);
  action.ticket_version = object.count("ticket_version", 1);
  action.tool = object.name("tool");
  action.tool_version = object.count("tool_version", 1);
  action.manifest_digest = object.digest("manifest_digest");
  action.environment = object.name("environment");
  action.target = object.text("target", 0, 1024);
  action.arguments = object.free_object("arguments", free_json_depth);
  action.origins = object.code_map("origins", most_origins, 256);
  action.amount = object.optional("amount", [&] { return object.money("amount"); });
  action.operation_key = object.optional("operation_key", [&] { return object.text("operation_key", 1, most_key); });
  action.holder_key = object.optional("holder_key", [&] { return object.text("holder_key", 1, most_key); });
  action.idempotency_key = object.text("idempotency_key", 1, most_key);
  action.agent = read_agent(object.object("agent"));
  action.actor = object.optional("actor", [&] { return object.text("actor", 1, 256); });
  action.policy = object.ruled_list("policy", most_labels, valid_playbook_label, "name@version");
  action.evidence = object.ruled_list("evidence", most_labels, valid_digest, "a digest");
  action.preview_digest = object.optional("preview_digest", [&] { return object.digest("preview_digest"); });
  action.requirement_digest = object.digest("requirement_digest");
  return action;
}

domain::Requirement read_requirement(MemberReader object) {
  domain::Requirement requirement;
  requirement.rules = object.texts("rules", most_rules, 1, 128);
  for (const auto& duty : object.objects("roles", most_roles)) requirement.roles.push_back(read_duty(duty));
  requirement.quorum = object.integer("quorum", 1, domain::most_people);
  requirement.stages = object.texts("stages", 0, 1, 1);  // nobody could honour one
  requirement.exclusions = object.texts("exclusions", most_exclusions, 1, 256);
  requirement.expires_after_s = object.optional("expires_after_s", [&] { return object.integer("expires_after_s", 1, ten_years_s); });
  requirement.floor = object.boolean("floor");
  return requirement;
}

MemberWriter write_part(const Action& action) { return write_action(action); }
MemberWriter write_part(const domain::Requirement& requirement) { return write_requirement(requirement); }
std::string action_text(const Action& action) { return write_action(action).text(); }
std::string requirement_text(const domain::Requirement& requirement) { return write_requirement(requirement).text(); }

base::Result<Action> decode_action(std::string_view text) { return decode_part(text, read_action); }
base::Result<domain::Requirement> decode_requirement(std::string_view text) { return decode_part(text, read_requirement); }

}  // namespace countersign::contracts
