#include "outbox/delivery_claims.hpp"

#include <algorithm>
#include <set>

#include "outbox/sql.hpp"

namespace countersign::outbox {

std::vector<std::string> tenants_in_turn(const catalog::Snapshot& configuration, std::size_t turn) {
  std::set<std::string> carried;
  for (const auto& [name, realm] : configuration.realms()) carried.insert(realm.tenants.begin(), realm.tenants.end());
  std::vector<std::string> tenants(carried.begin(), carried.end());
  if (!tenants.empty()) std::rotate(tenants.begin(), tenants.begin() + static_cast<std::ptrdiff_t>(turn % tenants.size()), tenants.end());
  return tenants;
}

std::vector<Candidate> find_candidates(postgres::Session& session, const std::vector<ClaimWish>& wishes, std::size_t most) {
  std::vector<std::string> tenants, endpoints;
  std::vector<std::int64_t> versions;
  std::vector<std::int32_t> slots, under_way;
  std::vector<bool> ordered;
  for (const auto& wish : wishes) {
    tenants.push_back(wish.target.first);
    endpoints.push_back(wish.target.second);
    versions.push_back(wish.version);
    slots.push_back(static_cast<std::int32_t>(wish.slots));
    under_way.push_back(static_cast<std::int32_t>(wish.under_way));
    ordered.push_back(wish.ordered);
  }
  std::vector<Candidate> candidates;
  for (const auto row :
       session.execute(sql::find_due_deliveries,
                       postgres::Parameters{}.add(tenants).add(endpoints).add(versions).add(slots).add(under_way).add(ordered).add(
                           static_cast<std::int64_t>(most))))
    candidates.push_back({row.get<base::Uuid>(0), static_cast<std::size_t>(row.get<std::int64_t>(1)) - 1});
  return candidates;
}

std::vector<GrantedClaim> claim_candidates(pipeline::BatchRunner& runner, const std::vector<ClaimWish>& wishes,
                                           const std::vector<Candidate>& candidates) {
  std::vector<base::Uuid> ids;
  std::vector<std::chrono::microseconds> leases;
  std::vector<bool> ordered;
  for (const auto& [delivery, index] : candidates) {
    ids.push_back(delivery);
    leases.push_back(wishes[index].lease);
    ordered.push_back(wishes[index].ordered);
  }
  std::vector<GrantedClaim> granted;
  const auto begun = runner.parts().clock.steady();
  runner.run({}, [&](pipeline::Batch& batch) {
    granted.clear();
    const auto token = batch.ids().next();
    const auto rows = batch.transaction().execute(
        sql::claim_deliveries,
        postgres::Parameters{}.add(ids).add(leases).add(ordered).add(token).add(runner.parts().incarnation.current()));
    for (const auto row : rows) {
      const auto nth = static_cast<std::size_t>(row.get<std::int64_t>(0)) - 1;
      granted.push_back({candidates[nth].wish,
                         {.delivery = row.get<base::Uuid>(1),
                          .token = token,
                          .ticket = row.get<std::string>(2),
                          .attempts = static_cast<std::int32_t>(row.get<std::int64_t>(3)),
                          .lapses = static_cast<std::int32_t>(row.get<std::int64_t>(4)),
                          .payload = row.get<postgres::Bytes>(5).value,
                          .accepted_at = row.get<base::WallTime>(6),
                          .lease_end = begun + leases[nth]}});
    }
  });
  return granted;
}

}  // namespace countersign::outbox
