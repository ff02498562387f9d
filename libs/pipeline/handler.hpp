#pragma once

// Handler: what a service does with the messages of one topic.
//
// Threads    decode() and apply() on the stage's thread; committed() and rolled_back() too. After each apply() comes one of the two.

#include <any>
#include <string_view>

#include "base/result.hpp"
#include "contracts/envelope.hpp"
#include "pipeline/batch.hpp"

namespace countersign::pipeline {

class Handler {
 public:
  virtual ~Handler() = default;
  // Whether messages of this type concern the service; the others are counted but never decoded.
  virtual bool wants(std::string_view type) const = 0;
  // Reads the data; pure, no I/O. `topic` carries the realm. A refusal sends the message to the dead letters.
  virtual base::Result<std::any> decode(const contracts::Envelope& envelope, std::string_view data, std::string_view topic) const = 0;
  // Folds the batch. May be called again with the same messages after a rollback, so it keeps nothing outside the transaction.
  virtual void apply(Batch& batch) = 0;
  // The batch is committed: the moment to wake who waits for its work.
  virtual void committed() {}
  // The batch is rolled back. True: apply() will ask less of the database for the same messages, so a refusal is not held against them yet.
  virtual bool rolled_back() { return false; }
};

}  // namespace countersign::pipeline
