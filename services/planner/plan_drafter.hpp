#pragma once

// PlanDrafter: words a plan for a conversation from the tenant's playbooks. Pure.
//
//     start      the first playbook that matches the ticket and has a start turn; none: close escalated, `no_playbook`
//     a turn     the turn of the plan's own playbook (its active version) for what happened and its codes; none: close escalated, with what
//                happened as the reason
//
// Promise    Always gives a plan: a ticket that no playbook knows goes to people, not into silence.
// Threads    Any thread.

#include <string>
#include <string_view>
#include <vector>

#include "catalog/playbook.hpp"
#include "planner/conversation.hpp"

namespace countersign::planner {

class PlanDrafter {
 public:
  using Playbooks = std::vector<const catalog::Playbook*>;  // of the tenant, best first

  static contracts::PlanProposed start(const Conversation& conversation, const Playbooks& playbooks);
  static contracts::PlanProposed turn(const Conversation& conversation, const Playbooks& playbooks, std::string_view on,
                                      const std::vector<std::string>& codes);
  static contracts::PlanProposed escalation(const Conversation& conversation, std::string_view reason);
};

// The ticket as playbooks match it: {"requester":…, "actor":{"id", "roles"}, "instruction":…, "subject":…, "text":…, "fields":{…}}; what is
// absent is left out.
contracts::Json ticket_document(const Conversation& conversation);

}  // namespace countersign::planner
