#pragma once

// HandoffStore: open handoffs and their history, from and to the approval service's tables.
//
// Threads    Stateless; any thread. The keys must be locked by the batch.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "approval/handoff.hpp"
#include "pipeline/batch.hpp"

namespace countersign::approval {

// One change of a handoff; outbox_id is the message it owed, if it owed one.
struct HandoffChange {
  std::string tenant;
  base::Uuid handoff_id;
  std::optional<std::string> old_state;
  std::string new_state;
  std::string reason;
  std::optional<base::Uuid> outbox_id;
};

class HandoffStore {
 public:
  // By message key: the handoff that is open or claimed.
  std::map<std::string, Handoff> find_open(pipeline::Batch& batch, const std::vector<std::string>& keys) const;

  // These queue their writes. save() inserts or updates.
  void save(pipeline::Batch& batch, const std::vector<const Handoff*>& handoffs) const;
  void record(pipeline::Batch& batch, const std::vector<HandoffChange>& changes) const;
};

}  // namespace countersign::approval
