#pragma once

// OperationKeys: who holds the operation keys that a batch wants.
//
// The index on the ledger would refuse a second holder, but with it the whole batch; so the keys are locked first, in order, and asked for.
//
// Promise    What is reported as free stays free until the batch ends. A hold whose window is over is let go.
// Threads    The batch's thread.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/money.hpp"
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
  std::string tool{};
  std::string state{};
  std::optional<base::Money> amount{};
  base::WallTime since{};
  std::string idempotency_key{};
  bool of_this_batch = false;  // and has no row yet

  bool is(const std::string& other_ticket, std::int32_t other_run, std::int32_t other_step) const {
    return ticket == other_ticket && run == other_run && step == other_step;
  }
};

// Locks the keys; the ones that are held, with their holders.
std::map<OperationKey, OperationHolder> lock_operation_keys(pipeline::Batch& batch, const std::set<OperationKey>& keys);

// Takes the keys from these effects, which people were shown, for the ones they approved beside them.
void pass_operation_keys(pipeline::Batch& batch, const std::vector<std::string>& idempotency_keys);

}  // namespace countersign::executor
