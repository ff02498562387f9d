#pragma once

// DeliveryIntake: turns every outcome into one delivery for each endpoint of its tenant that wants to hear of it.
//
// The body is made here, once, and kept: {"type":…,"timestamp":…,"data":{…}} as Standard Webhooks has it, with the outcome's data
// unchanged.
//
// Promise    A message makes at most one delivery per endpoint, however often it comes; all of them or none, with the offset.
// Not ours   Which of them are claimed at once and go to the lane with the commit: intake_claimer.hpp.
// Threads    As Handler. The bell rings after a commit that left something for the DeliveryClaimer.
// Ownership  Borrows the catalog, the claimer and the bell.
// Failure    Throws base::Unavailable while no configuration was read yet: the message is tried again. Sets aside what contradicts its key
//            or its realm (key_contradicts_body, tenant_contradicts_key, tenant_not_in_realm).

#include <set>

#include "catalog/catalog.hpp"
#include "outbox/due_bell.hpp"
#include "outbox/intake_claimer.hpp"
#include "pipeline/handler.hpp"

namespace countersign::outbox {

class DeliveryIntake final : public pipeline::Handler {
 public:
  DeliveryIntake(const catalog::Catalog& catalog, IntakeClaimer& claimer, DueBell& due, telemetry::Telemetry telemetry);

  bool wants(std::string_view type) const override;
  base::Result<std::any> decode(const contracts::Envelope& envelope, std::string_view data, std::string_view topic) const override;
  void apply(pipeline::Batch& batch) override;
  void committed() override;
  bool rolled_back() override;

 private:
  struct Rows;
  using Takers = std::set<const catalog::Endpoint*>;
  void take(const pipeline::Arrival& arrival, const std::string& key, const catalog::Snapshot& configuration, Takers& takers,
            pipeline::Batch& batch, Rows& rows) const;
  void insert(pipeline::Batch& batch, const Rows& rows, std::shared_ptr<const catalog::Snapshot> configuration);

  const catalog::Catalog& catalog_;
  IntakeClaimer& claimer_;
  DueBell& due_;
  telemetry::Counter& accepted_;
  std::size_t owed_ = 0;  // by the batch that is about to commit
  std::size_t left_ = 0;  // of these, unclaimed
};

}  // namespace countersign::outbox
