#pragma once

// WebhookCall: a claimed delivery on its way to the lane. AttemptReport: how that ended.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/uuid.hpp"
#include "catalog/catalog.hpp"
#include "crypto/webhook_signature.hpp"

namespace countersign::outbox {

// Prometheus label and text in attempt.outcome.
enum class AttemptOutcome {
  delivered,    // 2xx
  refused,      // any other answer
  not_sent,     // no byte can have reached the endpoint
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
  double seconds = 0;
};

struct WebhookCall {
  base::Uuid delivery;
  base::Uuid token;
  std::string ticket;
  std::int32_t attempts = 0;  // made before this one
  std::int32_t lapses = 0;
  std::string payload;
  std::shared_ptr<const catalog::Snapshot> configuration;  // keeps the endpoint
  const catalog::Endpoint* endpoint = nullptr;
  std::shared_ptr<const crypto::WebhookSigner> signer;
  base::SteadyTime lease_end;
};

struct AttemptReport {
  WebhookCall call;
  AttemptEnd end;
};

// Stable over all attempts, so that the receiver can tell a repetition.
std::string webhook_id(const base::Uuid& delivery);

}  // namespace countersign::outbox
