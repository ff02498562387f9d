#pragma once

// Proposer: puts a conversation's plan on the topic `plans`, stamped with the version and the `steps` sequence it was made knowing.
//
// Threads    The batch's thread; the counters are shared.
// Ownership  Borrows the metrics.

#include "pipeline/batch.hpp"
#include "planner/conversation_store.hpp"
#include "planner/dialogue.hpp"
#include "planner/plan_drafter.hpp"
#include "telemetry/metrics.hpp"

namespace countersign::planner {

class Proposer {
 public:
  explicit Proposer(telemetry::Metrics& metrics);

  // The ticket changed: what was planned for the version before counts no longer.
  static void plan_afresh(Conversation& conversation, const PlanDrafter::Playbooks& playbooks);
  // Puts what the reply asks for in place of the plan; false when it asks for nothing.
  static bool follow(Conversation& conversation, const Reply& reply, const PlanDrafter::Playbooks& playbooks);

  // Stamps the plan with the version and the last `steps` sequence heard. nullptr when the executor cannot be waiting for a plan, and when
  // the very same message was sent before.
  static const contracts::PlanProposed* due(Conversation& conversation, std::int64_t after);
  // Owes the message that is due.
  void propose(Conversation& conversation, pipeline::Batch& batch, Exchange& exchange);

 private:
  telemetry::Metrics& metrics_;
  telemetry::Counter& repeats_;
};

}  // namespace countersign::planner
