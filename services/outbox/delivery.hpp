#pragma once

// Claim: a delivery that a lane may try now. WebhookCall: one on its way to an endpoint. AttemptEnd: how that ended.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/clock.hpp"
#include "base/uuid.hpp"
#include "catalog/catalog.hpp"
#include "crypto/webhook_signature.hpp"

namespace countersign::outbox {

// Tenant, and what stands in delivery.endpoint: the name of an endpoint, or mailbox:NAME.
using TargetName = std::pair<std::string, std::string>;

// Prometheus label and text in attempt.outcome.
enum class AttemptOutcome {
  delivered,    // 2xx; accepted by a mail server
  refused,      // any other answer
  not_sent,     // certainly not delivered: no byte can have reached the endpoint, or no final dot the mail server
  unknown,      // it may have arrived
  lease_ended,  // the lane fell silent
  called_off,   // never tried: no attempt
};
const char* name_of(AttemptOutcome outcome);

struct AttemptEnd {
  AttemptOutcome outcome = AttemptOutcome::unknown;
  std::optional<int> status{};
  std::string error{};                                // printable, short, for people; empty when delivered
  std::optional<std::chrono::seconds> retry_after{};  // as the endpoint wishes, within our bounds
  std::string answer{};                               // of a mail server, printable, short
  double seconds = 0;
};

struct Claim {
  base::Uuid delivery;
  base::Uuid token{};
  std::string ticket;
  std::int32_t attempts = 0;  // made before this one
  std::int32_t lapses = 0;
  std::string payload;
  base::WallTime accepted_at{};  // when it was taken over from the log
  base::SteadyTime lease_end{};
};

struct WebhookCall {
  Claim claim;
  std::shared_ptr<const catalog::Snapshot> configuration;  // keeps the endpoint
  const catalog::Endpoint* endpoint = nullptr;
  std::shared_ptr<const crypto::WebhookSigner> signer;
};
inline TargetName target_of(const WebhookCall& call) { return {call.endpoint->tenant, call.endpoint->name}; }

// Stable over all attempts, so that the receiver can tell a repetition.
std::string webhook_id(const base::Uuid& delivery);

}  // namespace countersign::outbox
