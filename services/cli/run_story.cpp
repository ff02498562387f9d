#include "cli/run_story.hpp"

#include <map>
#include <nlohmann/json.hpp>

#include "base/money.hpp"
#include "cli/console.hpp"
#include "cli/findings.hpp"
#include "cli/sql.hpp"

namespace countersign::cli {

namespace {

using nlohmann::json;
using postgres::Parameters;

json one_or_null(const std::vector<json>& rows) { return rows.empty() ? json() : rows.front(); }

// Nothing when there are none.
std::string codes_in(const json& object) {
  const auto codes = object.find("codes");
  return codes == object.end() || codes->empty() ? "" : " (" + shown(*codes) + ")";
}

std::string ticket_line(const json& ticket) {
  const auto& requester = ticket.at("requester");
  const std::string who = requester.is_object() ? shown_member(requester, "id") : "-";
  const bool known = ticket.at("authenticated").get<bool>();
  const auto& last = ticket.at("last_outcome");
  const std::string ended = last.is_object() ? ", last outcome " + shown_member(last, "stop_reason") + " by run " +
                                                   shown_member(last, "run") + " at " + shown_member(last, "at")
                                             : "";
  return "ticket    " + shown_member(ticket, "id") + ", version " + shown_member(ticket, "version") + ", " +
         shown_member(ticket, "status") + ended + ", from " + who + (known ? " (authenticated)" : "") + ", fields " +
         shown_member(ticket, "fields");
}

std::string run_line(const json& run) {
  std::string text =
      "run       " + shown_member(run, "run") + " of version " + shown_member(run, "version") + ", " + shown_member(run, "state");
  if (!run.at("stop_reason").is_null()) text += " as " + shown_member(run, "stop_reason") + codes_in(run);
  if (run.at("actor").is_string() && run.at("actor") != "") text += ", for " + shown_member(run, "actor");
  return text + ", agent " + shown_member(run, "agent") + ", playbook " + shown_member(run, "playbook") + ", turns " +
         shown_member(run, "turns") + ", opened " + shown_member(run, "opened_at");
}

std::string record_line(const json& resolution) {
  return "record    " + shown_member(resolution, "category") + ", " + shown_member(resolution, "action_taken") + ": " +
         shown_member(resolution, "resolution") + (resolution.value("requires_followup", false) ? " To be followed up." : "");
}

std::string step_line(const json& step) {
  return "step " + shown_member(step, "step") + "    " + shown_member(step, "name") + " = " + shown_member(step, "tool") + " " +
         shown_member(step, "arguments") + ": " + shown_member(step, "state") + codes_in(step);
}

std::string words_for(const std::string& effect) {
  if (effect == "allow") return "allowed";
  if (effect == "deny") return "denied";
  if (effect == "escalate") return "escalated";
  return effect == "require_approval" ? "needs approval" : effect;
}

// "denied by too-old: Refunds end after 30 days. (Handbook 4.2)"; a rule of which nothing more is known stands for itself.
std::vector<std::string> policy_lines(const json& step) {
  const auto& decision = step.at("decision");
  if (!decision.is_object()) return {};
  const std::string begin = "policy    step " + shown_member(step, "step") + " " + words_for(decision.value("effect", ""));
  const auto rules = decision.value("rules", std::vector<std::string>{});
  if (rules.empty()) return {begin + codes_in(decision)};
  std::map<std::string, json> known;
  for (const auto& list : {step.at("why"), decision.value("why", json())})
    if (list.is_array())
      for (const auto& one : list) known[one.value("rule", "")] = one;
  std::vector<std::string> lines;
  for (const auto& rule : rules) {
    const auto found = known.find(rule);
    lines.push_back(begin + " by " + printable(rule) +
                    (found == known.end()
                         ? codes_in(decision)
                         : ": " + shown_member(found->second, "sentence") + " (" + shown_member(found->second, "citation") + ")"));
  }
  return lines;
}

std::string effect_line(const json& effect) {
  std::string text =
      "effect    " + shown_member(effect, "tool") + " on " + shown_member(effect, "target") + ": " + shown_member(effect, "state");
  if (!effect.at("amount_minor").is_null())
    text += ", " + base::to_text({effect.at("amount_minor").get<std::int64_t>(), effect.at("currency").get<std::string>()});
  return text + ", key " + shown_member(effect, "idempotency_key");
}

std::string handoff_line(const json& handoff) {
  return "handoff   " + shown_member(handoff, "id") + ", " + shown_member(handoff, "state") + ", " + shown_member(handoff, "priority") +
         ": " + shown_member(handoff, "reason");
}

std::string delivery_line(const json& delivery) {
  return "delivery  " + shown_member(delivery, "type") + " to " + shown_member(delivery, "endpoint") + ": " +
         shown_member(delivery, "state") + ", attempts " + shown_member(delivery, "attempts") + ", status " +
         shown_member(delivery, "last_status");
}

}  // namespace

json find_run_story(postgres::Session& session, const RunId& id) {
  const auto ticket = Parameters{}.add(id.tenant).add(id.ticket);
  json story{{"ticket", one_or_null(find_objects(session, sql::find_ticket, ticket))},
             {"run", one_or_null(find_objects(session, sql::find_run, Parameters{}.add(id.tenant).add(id.ticket).add(id.run)))}};
  const std::int32_t run = story.at("run").is_object() ? story.at("run").at("run").get<std::int32_t>() : 0;
  const auto of_run = Parameters{}.add(id.tenant).add(id.ticket).add(run);
  story["steps"] = find_objects(session, sql::find_run_steps, of_run);
  story["effects"] = find_objects(session, sql::find_run_effects, of_run);
  story["history"] = find_objects(session, sql::find_run_history, of_run);
  story["handoffs"] = find_objects(session, sql::find_ticket_handoffs, ticket);
  story["deliveries"] = find_objects(session, sql::find_ticket_deliveries, ticket);
  return story;
}

std::vector<std::string> story_lines(const json& story) {
  std::vector<std::string> lines{ticket_line(story.at("ticket"))};
  if (story.at("run").is_object()) lines.push_back(run_line(story.at("run")));
  for (const auto& step : story.at("steps")) {
    lines.push_back(step_line(step));
    for (auto& line : policy_lines(step)) lines.push_back(std::move(line));
  }
  for (const auto& effect : story.at("effects")) lines.push_back(effect_line(effect));
  for (const auto& handoff : story.at("handoffs")) lines.push_back(handoff_line(handoff));
  for (const auto& delivery : story.at("deliveries")) lines.push_back(delivery_line(delivery));
  if (story.at("run").is_object() && story.at("run").at("resolution").is_object())
    lines.push_back(record_line(story.at("run").at("resolution")));
  return lines;
}

std::string history_line(const json& entry) {
  std::string text = shown_member(entry, "at") + "  " + shown_member(entry, "what");
  if (!entry.at("step").is_null()) text += " " + shown_member(entry, "step");
  return text + "  " + shown_member(entry, "old_state") + " -> " + shown_member(entry, "new_state") + "  " + shown_member(entry, "codes");
}

}  // namespace countersign::cli
