#pragma once

// IntakeClaimer: claims deliveries in the transaction that takes them in.
//
//     apply(): choose(), a slot held for each ─▶ insert as leased ─▶ note() ─▶ COMMIT ─▶ committed(): to the lane
//                                                                          └▶ rolled_back(): slots given back
//
// Claimed here, a delivery costs no transaction of its own and waits for nobody. Whatever stands in the way leaves it ready, for the
// DeliveryClaimer: no signer, no slot, a time to wait first, an endpoint that is not well, deliveries of the endpoint that are due already
// and have its slots, an earlier message of an ordered ticket. In one batch tenants take turns, and within a tenant its endpoints; together
// they get half of what is free, so that the other half is there for what waits already.
//
// Promise    A call is handed on only after its commit, and once. What fails for a claim's sake is tried again without claims.
// Not ours   What the database judges: insert_deliveries.sql.
// Threads    The stage's.
// Ownership  Borrows every constructor argument.
// Failure    None of its own. A process that dies after the commit leaves leases, which end.
// Time       The lease is the DeliveryClaimer's, from when the row is inserted; the lane counts it from before that, and gives up first.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "outbox/delivery_claimer.hpp"
#include "outbox/slot_hold.hpp"
#include "postgres/parameters.hpp"

namespace countersign::outbox {

// A delivery of the batch that might be claimed at once.
struct ClaimOffer {
  std::size_t row = 0;  // among the rows to insert
  const catalog::Endpoint* endpoint = nullptr;
};

// Columns for insert_deliveries.sql.
struct ClaimChoice {
  std::vector<std::string> tenants, endpoints;
  std::vector<std::int64_t> versions, slots;  // slots: how many of the endpoint's there are
  std::vector<std::chrono::microseconds> leases;
  // By row; 0: not to be claimed.
  std::vector<std::int64_t> wishes, ranks;

  bool empty() const noexcept { return tenants.empty(); }
};

class IntakeClaimer {
 public:
  IntakeClaimer(pipeline::CoreParts parts, SigningKeys& keys, WebhookSender& sender, ClaimerOptions options);

  // Once a batch, first.
  ClaimChoice choose(std::vector<ClaimOffer> offers, std::size_t rows, std::shared_ptr<const catalog::Snapshot> configuration);
  const base::Uuid& token() const noexcept { return token_; }
  base::Uuid claimed_by() const { return parts_.incarnation.current(); }
  // A row that was inserted as leased. `claim` lacks its token and the end of its lease.
  void note(Claim claim, const catalog::Endpoint& endpoint);
  void committed();
  // Whether the batch may have failed for the sake of a claim.
  bool rolled_back();

 private:
  struct Wish {
    std::size_t place = 0;  // among the wishes, from 1
    std::size_t slots = 0;
    std::size_t held = 0;
    SigningKeys::Signer signer{};
  };
  using Wishes = std::map<const catalog::Endpoint*, Wish>;

  void forget();
  std::size_t slots_of(const catalog::Endpoint& endpoint, const LaneLoad& load) const;
  Wish* find_wish(const catalog::Endpoint& endpoint, const LaneLoad& load, ClaimChoice& choice);
  std::chrono::milliseconds lease_of(const catalog::Endpoint& endpoint) const { return endpoint.timeout + options_.lease_beyond_timeout; }

  pipeline::CoreParts parts_;
  SigningKeys& keys_;
  WebhookSender& sender_;
  ClaimerOptions options_;
  telemetry::Counter& claimed_;

  // Of the batch that is open
  SlotHold hold_;
  Wishes wishes_;
  std::shared_ptr<const catalog::Snapshot> configuration_;
  base::Uuid token_;
  base::SteadyTime begun_{};
  std::vector<WebhookCall> calls_;

  bool plain_ = false;  // a batch with claims has failed, and none was committed since
};

}  // namespace countersign::outbox
