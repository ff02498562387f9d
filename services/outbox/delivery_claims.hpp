#pragma once

// What every claimer does: look for due deliveries in fair order, and lease them.
//
// Fair: tenants take turns, within a tenant its endpoints or mailboxes; each has so many slots. Candidates are hints; the claim judges
// again what is still ready.
//
// Failure    As Session and BatchRunner; nothing was claimed then.
// Time       Leases by the database's clock; `lease_end` is reckoned from before the transaction began, so that a lane gives up first.

#include <chrono>
#include <vector>

#include "outbox/delivery.hpp"
#include "pipeline/batch_runner.hpp"

namespace countersign::outbox {

// One endpoint or mailbox that has slots free.
struct ClaimWish {
  TargetName target;
  std::int64_t version = 0;
  std::size_t slots = 0;
  std::size_t under_way = 0;
  bool ordered = false;
  std::chrono::milliseconds lease{};
};

struct Candidate {
  base::Uuid delivery;
  std::size_t wish = 0;  // position among the wishes
};

struct GrantedClaim {
  std::size_t wish = 0;
  Claim claim;
};

std::vector<Candidate> find_candidates(postgres::Session& session, const std::vector<ClaimWish>& wishes, std::size_t most);
std::vector<GrantedClaim> claim_candidates(pipeline::BatchRunner& runner, const std::vector<ClaimWish>& wishes,
                                           const std::vector<Candidate>& candidates);

// The tenants that realms carry, beginning at another one each turn.
std::vector<std::string> tenants_in_turn(const catalog::Snapshot& configuration, std::size_t turn);

}  // namespace countersign::outbox
