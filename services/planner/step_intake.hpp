#pragma once

// StepIntake: hears what the executor says on `steps`, and answers (dialogue.hpp).
//
// Every type is heard, also one that this build does not know: each moves the sequence that a plan's `after` must name.
//
// Threads    As pipeline::Handler.
// Ownership  Borrows every constructor argument.
// Failure    apply() throws base::Unavailable while there is no configuration, and what the database throws.

#include "catalog/catalog.hpp"
#include "pipeline/handler.hpp"
#include "planner/conversation_store.hpp"
#include "planner/proposer.hpp"

namespace countersign::planner {

class StepIntake final : public pipeline::Handler {
 public:
  StepIntake(const ConversationStore& store, Proposer& proposer, const catalog::Catalog& catalog, telemetry::Telemetry telemetry);

  bool wants(std::string_view) const override { return true; }
  base::Result<std::any> decode(const contracts::Envelope& envelope, std::string_view data, std::string_view topic) const override;
  void apply(pipeline::Batch& batch) override;

 private:
  Exchange fold(const pipeline::KeyedArrivals& keyed, Conversation& one, const catalog::Snapshot& configuration, pipeline::Batch& batch);

  const ConversationStore& store_;
  Proposer& proposer_;
  const catalog::Catalog& catalog_;
  telemetry::Counter& unreadable_;
};

}  // namespace countersign::planner
