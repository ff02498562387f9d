#include "outbox/delivery_claimer.hpp"

#include <algorithm>
#include <set>

#include "base/crash_point.hpp"
#include "outbox/sql.hpp"
#include "runtime/retrying_loop.hpp"

namespace countersign::outbox {

namespace {

// Tenants appear in realms; an endpoint of one that no realm carries has nothing to be sent.
std::vector<std::string> tenants_of(const catalog::Snapshot& configuration) {
  std::set<std::string> tenants;
  for (const auto& [name, realm] : configuration.realms()) tenants.insert(realm.tenants.begin(), realm.tenants.end());
  return {tenants.begin(), tenants.end()};
}

}  // namespace

struct DeliveryClaimer::Wish {
  const catalog::Endpoint* endpoint = nullptr;
  std::size_t slots = 0;
  std::size_t under_way = 0;
  SigningKeys::Signer signer;
  std::string refusal;  // why there is no signer
};

struct DeliveryClaimer::Candidate {
  base::Uuid delivery;
  std::size_t wish = 0;
};

DeliveryClaimer::DeliveryClaimer(pipeline::CoreParts parts, const catalog::Catalog& catalog, SigningKeys& keys, WebhookSender& sender,
                                 base::Bell& due, ClaimerOptions options)
    : parts_(parts),
      catalog_(catalog),
      keys_(keys),
      sender_(sender),
      due_(due),
      options_(options),
      runner_(parts, "delivery_claims"),
      claimed_(parts.telemetry.metrics.counter("deliveries_claimed_total", "Deliveries given to the lane.")),
      unsigned_(
          parts.telemetry.metrics.counter("deliveries_unsigned_total", "Times that a delivery was put off because it cannot be signed.")) {}

void DeliveryClaimer::run(std::stop_token stop) {
  runtime::run_retrying("delivery_claimer", parts_.clock, parts_.telemetry, std::move(stop), [this] { return claim_once() > 0; }, due_,
                        {.pause = options_.poll});
}

std::size_t DeliveryClaimer::claim_once() {
  const auto configuration = catalog_.current();
  const auto load = sender_.load();
  if (configuration == nullptr || load.free == 0) return 0;
  auto wishes = make_wishes(*configuration, load);
  if (wishes.empty()) return 0;
  auto candidates = find_candidates(wishes, std::min(load.free, options_.most_at_once));
  find_signers(wishes, candidates);
  if (candidates.empty()) return 0;
  auto calls = claim(configuration, wishes, candidates);
  const std::size_t count = calls.size();
  claimed_.add(static_cast<double>(count));
  base::crash_point("before_take");
  sender_.take(std::move(calls));
  return count;
}

std::vector<DeliveryClaimer::Wish> DeliveryClaimer::make_wishes(const catalog::Snapshot& configuration, const WebhookSender::Load& load) {
  auto tenants = tenants_of(configuration);
  if (tenants.empty()) return {};
  std::rotate(tenants.begin(), tenants.begin() + static_cast<std::ptrdiff_t>(turn_++ % tenants.size()), tenants.end());
  std::vector<Wish> wishes;
  for (const auto& tenant : tenants) {
    for (const auto* endpoint : configuration.endpoints(tenant)) {
      const auto busy = load.under_way.find({tenant, endpoint->name});
      const std::size_t under_way = busy == load.under_way.end() ? 0 : busy->second;
      if (!endpoint->enabled || under_way >= options_.most_per_endpoint) continue;
      wishes.push_back({endpoint, options_.most_per_endpoint - under_way, under_way, nullptr, {}});
    }
  }
  return wishes;
}

std::vector<DeliveryClaimer::Candidate> DeliveryClaimer::find_candidates(const std::vector<Wish>& wishes, std::size_t most) {
  std::vector<std::string> tenants, endpoints;
  std::vector<std::int64_t> versions;
  std::vector<std::int32_t> slots, under_way;
  std::vector<bool> ordered;
  for (const auto& wish : wishes) {
    tenants.push_back(wish.endpoint->tenant);
    endpoints.push_back(wish.endpoint->name);
    versions.push_back(wish.endpoint->version);
    slots.push_back(static_cast<std::int32_t>(wish.slots));
    under_way.push_back(static_cast<std::int32_t>(wish.under_way));
    ordered.push_back(wish.endpoint->ordered);
  }
  std::vector<Candidate> candidates;
  for (const auto row : runner_.session().execute(
           sql::find_due_deliveries,
           postgres::Parameters{}.add(tenants).add(endpoints).add(versions).add(slots).add(under_way).add(ordered).add(
               static_cast<std::int64_t>(most))))
    candidates.push_back({row.get<base::Uuid>(0), static_cast<std::size_t>(row.get<std::int64_t>(1)) - 1});
  return candidates;
}

// Only for endpoints that have something to be sent; candidates without a signer are dropped.
void DeliveryClaimer::find_signers(std::vector<Wish>& wishes, std::vector<Candidate>& candidates) {
  std::vector<Wish> refused;
  for (const auto& candidate : candidates) {
    Wish& wish = wishes[candidate.wish];
    if (wish.signer != nullptr || !wish.refusal.empty()) continue;
    const auto signer = keys_.find_signer(*wish.endpoint);
    if (signer) {
      wish.signer = *signer;
      continue;
    }
    wish.refusal = signer.error().code + ": " + signer.error().detail;
    refused.push_back(wish);
  }
  if (refused.empty()) return;
  std::erase_if(candidates, [&](const Candidate& candidate) { return wishes[candidate.wish].signer == nullptr; });
  postpone(refused);
}

void DeliveryClaimer::postpone(const std::vector<Wish>& unsigned_wishes) {
  std::vector<std::string> tenants, endpoints, errors;
  for (const auto& wish : unsigned_wishes) {
    tenants.push_back(wish.endpoint->tenant);
    endpoints.push_back(wish.endpoint->name);
    errors.push_back(wish.refusal);
    parts_.telemetry.log.error("endpoint_unsigned",
                               {{"tenant", wish.endpoint->tenant}, {"endpoint", wish.endpoint->name}, {"error", wish.refusal}});
  }
  const auto rows = runner_.session().execute(sql::postpone_unsigned, postgres::Parameters{}.add(tenants).add(endpoints).add(errors));
  unsigned_.add(static_cast<double>(rows.affected()));
}

std::vector<WebhookCall> DeliveryClaimer::claim(const std::shared_ptr<const catalog::Snapshot>& configuration,
                                                const std::vector<Wish>& wishes, const std::vector<Candidate>& candidates) {
  std::vector<base::Uuid> ids;
  std::vector<std::chrono::microseconds> leases;
  std::vector<bool> ordered;
  for (const auto& [delivery, index] : candidates) {
    ids.push_back(delivery);
    leases.push_back(wishes[index].endpoint->timeout + options_.lease_beyond_timeout);
    ordered.push_back(wishes[index].endpoint->ordered);
  }
  std::vector<WebhookCall> calls;
  const auto begun = parts_.clock.steady();
  runner_.run({}, [&](pipeline::Batch& batch) {
    calls.clear();
    const auto token = batch.ids().next();
    const auto rows = batch.transaction().execute(
        sql::claim_deliveries, postgres::Parameters{}.add(ids).add(leases).add(ordered).add(token).add(parts_.incarnation.current()));
    for (const auto row : rows) {
      const auto nth = static_cast<std::size_t>(row.get<std::int64_t>(0)) - 1;
      const Wish& wish = wishes[candidates[nth].wish];
      calls.push_back({.delivery = row.get<base::Uuid>(1),
                       .token = token,
                       .ticket = row.get<std::string>(2),
                       .attempts = static_cast<std::int32_t>(row.get<std::int64_t>(3)),
                       .lapses = static_cast<std::int32_t>(row.get<std::int64_t>(4)),
                       .payload = row.get<postgres::Bytes>(5).value,
                       .configuration = configuration,
                       .endpoint = wish.endpoint,
                       .signer = wish.signer,
                       .lease_end = begun + leases[nth]});
    }
  });
  return calls;
}

}  // namespace countersign::outbox
