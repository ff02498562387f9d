#pragma once

// DeliveryClaimer: gives due deliveries to the lane, at most as many as it has room for.
//
//     find due ones, fairly ─▶ signer of each endpoint, a slot for each ─▶ claim: lease, token ─▶ COMMIT ─▶ lane
//
// Most new deliveries do not come here: intake_claimer.hpp. What is left are those that were tried before, or that could not be claimed at
// once.
//
// Fairness: tenants take turns, within a tenant its endpoints; an endpoint has at most `most_per_endpoint` calls under way, so that one
// that hangs holds only its own. A broken endpoint gets one probe at a time, a throttled one nothing before its time, a disabled one
// nothing. Of an ordered endpoint a delivery is claimed only when no earlier one of the same ticket is unfinished.
//
// Promise    A call is handed on only after its claim is committed. An endpoint without a signer is not claimed for: its deliveries stay
//            ready, say why in last_error, and are looked at again after ten seconds.
// Threads    One thread calls run() or claim_once(). The bell may be rung from anywhere.
// Ownership  Borrows every constructor argument.
// Failure    claim_once() throws what BatchRunner throws; nothing was claimed then. run() retries with backoff.
// Time       The lease is the endpoint's timeout plus two seconds, by the database's clock; the lane counts it from before the transaction
//            began, so that it gives up first.

#include <stop_token>
#include <vector>

#include "catalog/catalog.hpp"
#include "outbox/delivery_claims.hpp"
#include "outbox/due_bell.hpp"
#include "outbox/signing_keys.hpp"
#include "outbox/webhook_sender.hpp"

namespace countersign::outbox {

struct ClaimerOptions {
  std::size_t most_at_once = 512;
  std::size_t most_per_endpoint = 64;
  std::chrono::milliseconds lease_beyond_timeout{2000};
  std::chrono::milliseconds poll{200};
};

class DeliveryClaimer {
 public:
  DeliveryClaimer(pipeline::CoreParts parts, const catalog::Catalog& catalog, SigningKeys& keys, WebhookSender& sender, DueBell& due,
                  ClaimerOptions options = {});

  // Returns the number of deliveries that were claimed.
  std::size_t claim_once();
  void run(std::stop_token stop);

 private:
  struct Wishes;

  Wishes make_wishes(const catalog::Snapshot& configuration, const LaneLoad& load);
  void find_signers(Wishes& wishes, std::vector<Candidate>& candidates);
  void postpone(const Wishes& wishes);

  pipeline::CoreParts parts_;
  const catalog::Catalog& catalog_;
  SigningKeys& keys_;
  WebhookSender& sender_;
  DueBell& due_;
  ClaimerOptions options_;
  pipeline::BatchRunner runner_;
  std::size_t turn_ = 0;  // whose tenant is first
  telemetry::Counter& claimed_;
  telemetry::Counter& unsigned_;
};

}  // namespace countersign::outbox
