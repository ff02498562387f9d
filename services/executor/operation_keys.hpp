#pragma once

// OperationKeys: who holds the operation keys that a batch wants.
//
// The index on the ledger would refuse a second holder, but with it the whole batch; so the keys are locked first, in order, and asked for.
//
// Promise    What is reported as free stays free until the batch ends. A hold whose window is over is let go.
// Threads    The batch's thread.

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "pipeline/batch.hpp"

namespace countersign::executor {

struct OperationKey {
  std::string tenant;
  std::string key;
  friend auto operator<=>(const OperationKey&, const OperationKey&) = default;
};

struct OperationHolder {
  std::string ticket;
  std::int32_t run = 0;
  std::int32_t step = 0;
  friend bool operator==(const OperationHolder&, const OperationHolder&) = default;
};

// Locks the keys; the ones that are held, with their holders.
std::map<OperationKey, OperationHolder> lock_operation_keys(pipeline::Batch& batch, const std::set<OperationKey>& keys);

}  // namespace countersign::executor
