#pragma once

// TicketIntake: takes in the topic `tickets`, counts the ticket's version, and proposes anew for every version that leaves it open.
//
//     of a realm that may not carry the tenant ─▶ dead letter, counts nothing
//     unreadable, contradicting, of another realm than the ticket's ─▶ dead letter, version + 1, plan anew
//     duplicate ─▶ nothing          fresh ─▶ version + 1, facts, plan anew
//
// Promise    The version grows as the executor's does (domain/ticket_version.hpp).
// Threads    As pipeline::Handler.
// Ownership  Borrows every constructor argument.
// Failure    apply() throws base::Unavailable while there is no configuration, and what the database throws.

#include "catalog/catalog.hpp"
#include "pipeline/handler.hpp"
#include "planner/conversation_store.hpp"
#include "planner/proposer.hpp"

namespace countersign::planner {

class TicketIntake final : public pipeline::Handler {
 public:
  TicketIntake(const ConversationStore& store, Proposer& proposer, const catalog::Catalog& catalog, telemetry::Telemetry telemetry);

  bool wants(std::string_view type) const override;
  base::Result<std::any> decode(const contracts::Envelope& envelope, std::string_view data, std::string_view topic) const override;
  void apply(pipeline::Batch& batch) override;

 private:
  class Fold;

  const ConversationStore& store_;
  Proposer& proposer_;
  const catalog::Catalog& catalog_;
  telemetry::Counter& fresh_;
  telemetry::Counter& duplicates_;
  telemetry::Counter& refused_;
  telemetry::Counter& foreign_;
};

}  // namespace countersign::planner
