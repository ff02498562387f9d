#include <nlohmann/json.hpp>
#include <set>

#include "contracts/message_codecs.hpp"
#include "contracts/parts.hpp"
#include "contracts/text_rules.hpp"

namespace countersign::contracts {

namespace {

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
  auto message = read_about_ticket<PlanProposed>(data);
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
  auto message = read_about_ticket<PlanWithdrawn>(data);
  message.ticket_version = data.count("ticket_version", 1);
  message.after = data.count("after", 0);
  message.reason = data.code("reason");
  return message;
}

}  // namespace

std::vector<TypeReader> plan_readers() {
  return {{types::plan_proposed, read_plan_proposed}, {types::plan_withdrawn, read_plan_withdrawn}};
}

MemberWriter write_message(const PlanProposed& message) {
  auto object = write_about_ticket(message);
  object.put("ticket_version", message.ticket_version).put("after", message.after).put("playbook", message.playbook);
  object.part("agent", write_part(message.agent)).list("steps", message.steps, write_each);
  if (message.close) object.part("close", write_part(*message.close));
  if (message.opinion)
    object.part("opinion", MemberWriter().put("category", message.opinion->category).put("confidence", message.opinion->confidence));
  return object;
}

MemberWriter write_message(const PlanWithdrawn& message) {
  auto object = write_about_ticket(message);
  object.put("ticket_version", message.ticket_version).put("after", message.after).put("reason", message.reason);
  return object;
}

}  // namespace countersign::contracts
