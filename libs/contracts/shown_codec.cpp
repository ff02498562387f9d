#include "contracts/shown_codec.hpp"

#include <nlohmann/json.hpp>

#include "contracts/guarded_json.hpp"
#include "contracts/message_codecs.hpp"
#include "contracts/parts.hpp"
#include "contracts/text_rules.hpp"

namespace countersign::contracts {

namespace {

constexpr std::size_t most_reasons = 200;
constexpr std::size_t most_evidence = 50;
constexpr std::size_t most_note = 2048;

WhyRule read_why(MemberReader object) {
  return {object.text("rule", 1, 128), object.text("sentence", 0, 1024), object.text("citation", 0, 1024)};
}

ShownEvidence read_evidence(MemberReader object) {
  ShownEvidence evidence;
  evidence.step = object.count("step", 1);
  evidence.name = object.ruled("name", valid_step_name, "a step's name");
  evidence.tool = object.name("tool");
  evidence.result = object.free_object("result", result_depth);
  evidence.read_at = object.time("read_at");
  evidence.digest = object.digest("digest");
  return evidence;
}

ShownPreview read_preview(MemberReader object) {
  ShownPreview preview;
  preview.before = object.free_value("before", result_depth);
  preview.after = object.free_value("after", result_depth);
  preview.note = object.optional("note", [&] { return object.text("note", 0, most_note); });
  preview.digest = object.digest("digest");
  preview.drift_digest = object.digest("drift_digest");
  return preview;
}

ShownDifference read_difference(MemberReader object) {
  return {object.free_value("was", result_depth), object.free_value("is", result_depth)};
}

ShownHolder read_holder(MemberReader object) {
  ShownHolder holder;
  holder.ticket_id = object.id("ticket_id");
  holder.run = object.count("run", 1);
  holder.step = object.count("step", 1);
  holder.tool = object.name("tool");
  holder.state = object.word("state", {"ready", "claimed", "succeeded", "failed", "unknown", "compensated"});
  holder.amount = object.optional("amount", [&] { return object.money("amount"); });
  holder.at = object.time("at");
  return holder;
}

ShownRequester read_shown_requester(MemberReader object) {
  return {object.text("id", 1, 256), object.optional("name", [&] { return object.text("name", 0, 256); })};
}

MemberWriter write_evidence(const ShownEvidence& evidence) {
  MemberWriter object;
  object.put("step", evidence.step).put("name", evidence.name).put("tool", evidence.tool).put("result", evidence.result);
  object.put("read_at", evidence.read_at).put("digest", evidence.digest);
  return object;
}

MemberWriter write_preview(const ShownPreview& preview) {
  MemberWriter object;
  object.put("before", preview.before).put("after", preview.after).put("note", preview.note);
  object.put("digest", preview.digest).put("drift_digest", preview.drift_digest);
  return object;
}

MemberWriter write_holder(const ShownHolder& holder) {
  MemberWriter object;
  object.put("ticket_id", holder.ticket_id).put("run", holder.run).put("step", holder.step).put("tool", holder.tool);
  object.put("state", holder.state).put("amount", holder.amount).put("at", holder.at);
  return object;
}

MemberWriter write_why(const WhyRule& why) {
  MemberWriter object;
  object.put("rule", why.rule).put("sentence", why.sentence).put("citation", why.citation);
  return object;
}

}  // namespace

ShownApproval read_shown(MemberReader& data) {
  auto shown = read_about_approval<ShownApproval>(data);
  shown.action = read_action(data.object("action"));
  shown.requirement = read_requirement(data.object("requirement"));
  shown.requirement_digest = data.digest("requirement_digest");
  shown.sentence = data.text("sentence", 1, 1024);
  for (const auto& rule : data.objects("why", most_reasons)) shown.why.push_back(read_why(rule));
  for (const auto& read : data.objects("evidence", most_evidence)) shown.evidence.push_back(read_evidence(read));
  shown.preview = data.optional("preview", [&] { return read_preview(data.object("preview")); });
  shown.preview_absent = data.optional("preview_absent", [&] { return data.boolean("preview_absent"); }).value_or(false);
  shown.difference = data.optional("difference", [&] { return read_difference(data.object("difference")); });
  shown.holder = data.optional("holder", [&] { return read_holder(data.object("holder")); });
  shown.requester = read_shown_requester(data.object("requester"));
  shown.actor = data.optional("actor", [&] { return read_actor_id(data.object("actor")); });
  shown.rollback_note = data.optional("rollback_note", [&] { return data.text("rollback_note", 0, most_note); });
  shown.requested_at = data.time("requested_at");
  return shown;
}

MemberWriter write_shown(const ShownApproval& shown) {
  auto object = write_about_approval(shown);
  object.part("action", write_part(shown.action)).part("requirement", write_part(shown.requirement));
  object.put("requirement_digest", shown.requirement_digest).put("sentence", shown.sentence);
  object.list("why", shown.why, write_why).list("evidence", shown.evidence, write_evidence);
  if (shown.preview) object.part("preview", write_preview(*shown.preview));
  if (shown.preview_absent) object.put("preview_absent", true);
  if (shown.difference) object.part("difference", MemberWriter().put("was", shown.difference->was).put("is", shown.difference->is));
  if (shown.holder) object.part("holder", write_holder(*shown.holder));
  object.part("requester", MemberWriter().put("id", shown.requester.id).put("name", shown.requester.name));
  if (shown.actor) object.part("actor", write_actor_id(*shown.actor));
  object.put("rollback_note", shown.rollback_note).put("requested_at", shown.requested_at);
  return object;
}

std::string shown_text(const ShownApproval& shown) { return write_shown(shown).text(); }

base::Result<ShownApproval> decode_shown(std::string_view text) {
  auto object = read_json(text);
  if (!object) return tl::unexpected(std::move(object.error()));
  Mistake mistake;
  MemberReader data(*object, "", mistake);
  auto shown = read_shown(data);
  if (mistake.made()) return tl::unexpected(mistake.refusal());
  return shown;
}

std::string evidence_text(const ShownEvidence& evidence) {
  MemberWriter object;
  object.put("step", evidence.step).put("name", evidence.name).put("tool", evidence.tool).put("result", evidence.result);
  return object.put("read_at", evidence.read_at).text();
}

std::string preview_text(const ShownPreview& preview) {
  return MemberWriter().put("before", preview.before).put("after", preview.after).put("note", preview.note).text();
}

}  // namespace countersign::contracts
