#pragma once

// WebhookSink: the receiving end of a tenant's webhooks. Checks the signature, journals what came, counts it by id.
//
// Promise    Every webhook that arrives is journaled, whether its signature is good or not.
// Threads    One.
// Time       Receive times are read when the sink is called: CLOCK_MONOTONIC for measuring, wall clock for the signature.

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "sandbox/journal.hpp"
#include "sandbox/request.hpp"

namespace countersign::sandbox {

class WebhookSink {
 public:
  explicit WebhookSink(Journal& journal) : journal_(journal) {}

  void add_secret(const std::string& tenant, std::string key);  // several per tenant: a rotation
  bool knows(std::string_view tenant) const { return keys_.contains(std::string(tenant)); }
  // 204, or 401 with the reason when the signature does not hold.
  Answer receive(const Request& request);

  std::uint64_t received() const noexcept { return received_; }
  std::uint64_t invalid() const noexcept { return invalid_; }
  const std::unordered_map<std::string, std::uint32_t>& receipts_by_id() const noexcept { return by_id_; }

 private:
  Journal& journal_;
  std::unordered_map<std::string, std::vector<std::string>> keys_;
  std::unordered_map<std::string, std::uint32_t> by_id_;
  std::uint64_t received_ = 0;
  std::uint64_t invalid_ = 0;
};

}  // namespace countersign::sandbox
