#include "planner/proposer.hpp"

#include "contracts/codec.hpp"
#include "planner/territory.hpp"

namespace countersign::planner {

namespace {

constexpr const char* steps_topic = "steps";
constexpr const char* plans_topic = "plans";

void replace(Conversation& conversation, contracts::PlanProposed plan) {
  conversation.plan = std::move(plan);
  conversation.plan_replaced = true;
  conversation.plan_text.clear();
  conversation.done = 0;
  conversation.proposed_version = 0;  // this one has never been sent
}

}  // namespace

Proposer::Proposer(telemetry::Metrics& metrics)
    : metrics_(metrics),
      repeats_(metrics.counter("plan_repeats_total", "Plans sent again because a message on `steps` may have crossed them.")) {}

void Proposer::plan_afresh(Conversation& conversation, const PlanDrafter::Playbooks& playbooks) {
  if (conversation.wants_plan()) replace(conversation, PlanDrafter::start(conversation, playbooks));
}

bool Proposer::follow(Conversation& conversation, const Reply& reply, const PlanDrafter::Playbooks& playbooks) {
  if (reply.move == Reply::Move::none) return false;
  if (!conversation.wants_plan()) return false;
  if (reply.move == Reply::Move::turn) replace(conversation, PlanDrafter::turn(conversation, playbooks, reply.on, reply.codes));
  if (reply.move == Reply::Move::escalate) replace(conversation, PlanDrafter::escalation(conversation, reply.reason));
  if (!conversation.plan) replace(conversation, PlanDrafter::start(conversation, playbooks));
  return true;
}

const contracts::PlanProposed* Proposer::due(Conversation& conversation, std::int64_t after) {
  if (!conversation.wants_plan() || !conversation.plan) return nullptr;
  if (conversation.proposed_version == conversation.version && conversation.proposed_after == after) return nullptr;
  conversation.plan->ticket_version = conversation.proposed_version = conversation.version;
  conversation.plan->after = conversation.proposed_after = after;
  return &*conversation.plan;
}

void Proposer::propose(Conversation& conversation, pipeline::Batch& batch, Exchange& exchange) {
  const std::string key = conversation.key();
  const bool repeated = conversation.proposed_version != 0;
  const auto* plan = due(conversation, batch.key_state(key).inputs[territory().input_slot(steps_topic)]);
  if (plan == nullptr) return;
  if (repeated) repeats_.add();

  pipeline::Emission emission;
  emission.topic = plans_topic;
  emission.key = key;
  emission.type = contracts::types::plan_proposed;
  emission.tenant = conversation.tenant;
  emission.subject = conversation.ticket_id;
  std::string data = contracts::encode(*plan);
  emission.data = data;
  const auto sent = batch.emit(std::move(emission));
  exchange.add(conversation.version, std::string(contracts::types::plan_proposed), data, sent);
  if (conversation.plan_replaced) conversation.plan_text = std::move(data);
  metrics_.counter("plans_proposed_total", "Plans sent to the executor, by playbook.", {{"playbook", plan->playbook.value_or("none")}})
      .add();
}

}  // namespace countersign::planner
