#pragma once

// CaseStore: cases from and to the executor's tables.
//
// Threads    Stateless; any thread. The keys must be locked by the batch.

#include <map>
#include <string>
#include <vector>

#include "executor/case.hpp"
#include "pipeline/batch.hpp"

namespace countersign::executor {

struct StepKey {
  std::string key;
  std::int32_t run = 0;
  std::int32_t step = 0;
};

// What most tickets of a batch are expected to have. A wrong guess costs a round trip and nothing else.
enum class Expected {
  no_steps,         // nothing, or a run that waits for its first plan
  untouched_steps,  // steps that nobody has judged yet
  anything,
};

class CaseStore {
 public:
  // By message key (tenant/ticket). A ticket that has no row yet comes as a case with version 0; of one that was never heard of before this
  // batch nothing is asked.
  // `also`: steps, with their effects, that are wanted even when nothing of them is open any more; their keys must be among `keys`.
  std::map<std::string, TicketCase> load(pipeline::Batch& batch, const std::vector<std::string>& keys,
                                         Expected expected = Expected::anything, const std::vector<StepKey>& also = {}) const;
  // Queues the writes of everything marked as changed, with one history row per transition.
  void save(pipeline::Batch& batch, std::map<std::string, TicketCase>& cases) const;
};

}  // namespace countersign::executor
