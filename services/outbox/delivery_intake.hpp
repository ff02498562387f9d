#pragma once

// DeliveryIntake: turns every outcome into one delivery for each endpoint of its tenant that wants to hear of it.
//
// The body is made here, once, and kept: {"type":…,"timestamp":…,"data":{…}} as Standard Webhooks has it, with the outcome's data
// unchanged.
//
// Promise    A message makes at most one delivery per endpoint, however often it comes; all of them or none, with the offset.
// Threads    As Handler. The bell rings after a commit.
// Ownership  Borrows the catalog, the bell and telemetry.
// Failure    Throws base::Unavailable while no configuration was read yet: the message is tried again. Sets aside what contradicts its key
//            or its realm (key_contradicts_body, tenant_contradicts_key, tenant_not_in_realm).

#include "base/bell.hpp"
#include "catalog/catalog.hpp"
#include "pipeline/handler.hpp"
#include "telemetry/metrics.hpp"

namespace countersign::outbox {

class DeliveryIntake final : public pipeline::Handler {
 public:
  DeliveryIntake(const catalog::Catalog& catalog, base::Bell& due, telemetry::Telemetry telemetry);

  bool wants(std::string_view type) const override;
  base::Result<std::any> decode(const contracts::Envelope& envelope, std::string_view data, std::string_view topic) const override;
  void apply(pipeline::Batch& batch) override;
  void committed() override;

 private:
  struct Rows;
  void take(const pipeline::Arrival& arrival, const std::string& key, const catalog::Snapshot& configuration, pipeline::Batch& batch,
            Rows& rows) const;

  const catalog::Catalog& catalog_;
  base::Bell& due_;
  telemetry::Counter& accepted_;
  std::size_t owed_ = 0;  // by the batch that is about to commit
};

}  // namespace countersign::outbox
