#pragma once

// HandoffConductor: opens handoffs or adds to them, for one batch, and tells the realm of those that it opened.
//
//     refer ─▶ HandoffDesk ─▶ approval.handoff, handoff_history, audit ─▶ handoff.opened, when one was opened
//
// Promise    A ticket has at most one open handoff.
// Threads    The thread of the batch.
// Ownership  Borrows everything; lives for one batch.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "approval/handoff_store.hpp"
#include "catalog/catalog.hpp"
#include "telemetry/metrics.hpp"

namespace countersign::approval {

// What outlives the batch.
struct HandoffParts {
  HandoffParts(const HandoffStore& store, telemetry::Telemetry telemetry);

  const HandoffStore& store;
  telemetry::Log& log;
  telemetry::Counter& opened;
  telemetry::Counter& added;
  telemetry::Counter& untold;
};

class HandoffConductor {
 public:
  // Loads the open handoffs of the batch's keys.
  HandoffConductor(const HandoffParts& parts, pipeline::Batch& batch, const catalog::Snapshot& configuration);

  // `arrival` is the message that refers the ticket.
  void refer(const std::string& key, const contracts::ReferralHandoff& referral, const pipeline::Arrival& arrival);
  // Queues all writes.
  void save();

 private:
  void open(const std::string& key, const contracts::ReferralHandoff& referral, const pipeline::Arrival& arrival);
  void add(Handoff& handoff, const contracts::ReferralHandoff& referral);
  std::optional<base::Uuid> tell(const Handoff& handoff, const std::string& correlation_id);
  void audit(const Handoff& handoff, const char* event, const std::string& reason);

  const HandoffParts& parts_;
  pipeline::Batch& batch_;
  const catalog::Snapshot& configuration_;
  std::map<std::string, Handoff> handoffs_;  // by key; none resolved
  std::set<std::string> changed_;            // keys
  std::vector<HandoffChange> changes_;
};

}  // namespace countersign::approval
