#include "planner/plan_drafter.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace countersign::planner {

namespace {

using catalog::Playbook;
using catalog::PlaybookTurn;

// Who speaks when no playbook does.
const contracts::AgentVersion built_in_agent{"planner", 1};

// An answer without codes matches only turns that ask for none.
bool answers(const PlaybookTurn& turn, std::string_view on, const std::vector<std::string>& codes) {
  if (turn.on != on) return false;
  return turn.codes.empty() || std::any_of(codes.begin(), codes.end(), [&](const std::string& code) {
           return std::find(turn.codes.begin(), turn.codes.end(), code) != turn.codes.end();
         });
}

const PlaybookTurn* find_turn(const Playbook& playbook, std::string_view on, const std::vector<std::string>& codes) {
  const auto found =
      std::find_if(playbook.turns.begin(), playbook.turns.end(), [&](const PlaybookTurn& turn) { return answers(turn, on, codes); });
  return found == playbook.turns.end() ? nullptr : &*found;
}

contracts::PlanProposed blank(const Conversation& conversation) {
  contracts::PlanProposed plan;
  plan.tenant = conversation.tenant;
  plan.ticket_id = conversation.ticket_id;
  plan.ticket_version = conversation.version;
  plan.agent = built_in_agent;
  return plan;
}

contracts::PlanProposed from(const Conversation& conversation, const Playbook& playbook, const PlaybookTurn& turn) {
  auto plan = blank(conversation);
  plan.agent = playbook.agent;
  plan.playbook = playbook.label();
  plan.steps = turn.steps;
  plan.close = turn.close;
  if (!playbook.category.empty()) plan.opinion = contracts::Opinion{playbook.category, std::nullopt};
  return plan;
}

contracts::ProposedClose escalated(std::string_view reason) { return {"escalated", std::string(reason), std::nullopt}; }

// The reason is a code, and codes have no dots.
std::string reason_of(std::string_view on) {
  std::string reason(on);
  std::replace(reason.begin(), reason.end(), '.', '_');
  return reason;
}

const Playbook* find_own(const Conversation& conversation, const PlanDrafter::Playbooks& playbooks) {
  if (!conversation.plan || !conversation.plan->playbook) return nullptr;
  const std::string name = conversation.plan->playbook->substr(0, conversation.plan->playbook->rfind('@'));
  const auto found = std::find_if(playbooks.begin(), playbooks.end(), [&](const Playbook* one) { return one->name == name; });
  return found == playbooks.end() ? nullptr : *found;
}

}  // namespace

contracts::Json ticket_document(const Conversation& conversation) {
  nlohmann::json ticket{{"fields", conversation.fields.value()}};
  if (!conversation.requester.is_null()) ticket["requester"] = conversation.requester.value();
  if (!conversation.actor.is_null()) ticket["actor"] = conversation.actor.value();
  if (conversation.instruction) ticket["instruction"] = *conversation.instruction;
  if (conversation.subject) ticket["subject"] = *conversation.subject;
  if (conversation.text) ticket["text"] = *conversation.text;
  return contracts::Json(std::move(ticket));
}

contracts::PlanProposed PlanDrafter::start(const Conversation& conversation, const Playbooks& playbooks) {
  const auto ticket = ticket_document(conversation);
  for (const Playbook* playbook : playbooks) {
    const PlaybookTurn* turn = find_turn(*playbook, "start", {});
    if (turn != nullptr && matches(*playbook, ticket)) return from(conversation, *playbook, *turn);
  }
  auto plan = blank(conversation);
  plan.close = escalated("no_playbook");
  return plan;
}

contracts::PlanProposed PlanDrafter::turn(const Conversation& conversation, const Playbooks& playbooks, std::string_view on,
                                          const std::vector<std::string>& codes) {
  const Playbook* playbook = find_own(conversation, playbooks);
  const PlaybookTurn* turn = playbook == nullptr ? nullptr : find_turn(*playbook, on, codes);
  return turn == nullptr ? escalation(conversation, reason_of(on)) : from(conversation, *playbook, *turn);
}

contracts::PlanProposed PlanDrafter::escalation(const Conversation& conversation, std::string_view reason) {
  auto plan = blank(conversation);
  if (conversation.plan && conversation.plan->ticket_version == conversation.version) {
    plan.agent = conversation.plan->agent;
    plan.playbook = conversation.plan->playbook;
    plan.opinion = conversation.plan->opinion;
  }
  plan.close = escalated(reason);
  return plan;
}

}  // namespace countersign::planner
