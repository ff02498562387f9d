#pragma once

// Producer: writes records in the order offered per key, and says of each whether the log has it.
//
// Promise    A record whose receipt is good is on the log once, as far as one producer session can promise (idempotence).
// Threads    One thread, all functions.
// Ownership  What was neither flushed nor answered when the producer is destroyed may or may not reach the log.

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "messaging/message.hpp"

namespace countersign::messaging {

struct Receipt {
  std::uint64_t token = 0;
  bool good = false;
  bool retry = true;  // when not good: whether offering it again can help (false: refused, too large, not authorised)
  std::string error;  // when not good: why
};

class Producer {
 public:
  virtual ~Producer() = default;
  // False: the queue is full, take receipts first. The record is copied.
  virtual bool offer(const Record& record) = 0;
  // Waits until there is a receipt or `wait` is over, not at all when nothing is under way; takes all there are. A producer that failed
  // fatally answers every record that was under way with a bad receipt and starts a new session by itself.
  virtual std::vector<Receipt> receipts(std::chrono::milliseconds wait) = 0;
  // Waits until nothing is under way (true) or the deadline is over (false). Receipts must still be taken.
  virtual bool flush(std::chrono::milliseconds deadline) = 0;
};

}  // namespace countersign::messaging
