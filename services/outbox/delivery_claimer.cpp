#include "outbox/delivery_claimer.hpp"

#include <algorithm>

#include "base/crash_point.hpp"
#include "outbox/slot_hold.hpp"
#include "outbox/sql.hpp"
#include "runtime/retrying_loop.hpp"

namespace countersign::outbox {

struct DeliveryClaimer::Wishes {
  std::vector<ClaimWish> wishes;
  // In the same places:
  std::vector<const catalog::Endpoint*> endpoints;
  std::vector<SigningKeys::Signer> signers;
  std::vector<std::string> refusals;  // why there is no signer
};

DeliveryClaimer::DeliveryClaimer(pipeline::CoreParts parts, const catalog::Catalog& catalog, SigningKeys& keys, WebhookSender& sender,
                                 DueBell& due, ClaimerOptions options)
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
  runtime::run_retrying("delivery_claimer", parts_.clock, parts_.telemetry, std::move(stop), [this] { return claim_once() > 0; },
                        due_.bell(), {.pause = options_.poll});
}

std::size_t DeliveryClaimer::claim_once() {
  const auto configuration = catalog_.current();
  const auto load = sender_.load();
  if (configuration == nullptr || load.free == 0) return 0;
  auto wishes = make_wishes(*configuration, load);
  if (wishes.wishes.empty()) return 0;
  auto candidates = find_candidates(runner_.session(), wishes.wishes, std::min(load.free, options_.most_at_once));
  find_signers(wishes, candidates);
  SlotHold hold(sender_.desk());
  std::erase_if(candidates,
                [&](const Candidate& candidate) { return !hold.take(wishes.wishes[candidate.wish].target, options_.most_per_endpoint); });
  if (candidates.empty()) return 0;
  std::vector<WebhookCall> calls;
  for (auto& [wish, claim] : claim_candidates(runner_, wishes.wishes, candidates)) {
    hold.pass_on(wishes.wishes[wish].target);
    calls.push_back({std::move(claim), configuration, wishes.endpoints[wish], wishes.signers[wish]});
  }
  const std::size_t count = calls.size();
  claimed_.add(static_cast<double>(count));
  if (count > 0) due_.expect_more();
  base::crash_point("before_take");
  sender_.take(std::move(calls));
  return count;
}

DeliveryClaimer::Wishes DeliveryClaimer::make_wishes(const catalog::Snapshot& configuration, const LaneLoad& load) {
  Wishes all;
  for (const auto& tenant : tenants_in_turn(configuration, turn_++)) {
    for (const auto* endpoint : configuration.endpoints(tenant)) {
      const auto busy = load.under_way.find({tenant, endpoint->name});
      const std::size_t under_way = busy == load.under_way.end() ? 0 : busy->second;
      if (!endpoint->enabled || under_way >= options_.most_per_endpoint) continue;
      all.wishes.push_back({.target = {tenant, endpoint->name},
                            .version = endpoint->version,
                            .slots = options_.most_per_endpoint - under_way,
                            .under_way = under_way,
                            .ordered = endpoint->ordered,
                            .lease = endpoint->timeout + options_.lease_beyond_timeout});
      all.endpoints.push_back(endpoint);
    }
  }
  all.signers.resize(all.wishes.size());
  all.refusals.resize(all.wishes.size());
  return all;
}

// Only for endpoints that have something to be sent; candidates without a signer are dropped.
void DeliveryClaimer::find_signers(Wishes& wishes, std::vector<Candidate>& candidates) {
  bool refused = false;
  for (const auto& [delivery, at] : candidates) {
    if (wishes.signers[at] != nullptr || !wishes.refusals[at].empty()) continue;
    auto signer = keys_.find_signer(*wishes.endpoints[at]);
    if (signer) {
      wishes.signers[at] = *std::move(signer);
      continue;
    }
    wishes.refusals[at] = signer.error().code + ": " + signer.error().detail;
    refused = true;
  }
  if (!refused) return;
  std::erase_if(candidates, [&](const Candidate& candidate) { return wishes.signers[candidate.wish] == nullptr; });
  postpone(wishes);
}

void DeliveryClaimer::postpone(const Wishes& wishes) {
  std::vector<std::string> tenants, endpoints, errors;
  for (std::size_t i = 0; i < wishes.wishes.size(); ++i) {
    if (wishes.refusals[i].empty()) continue;
    const auto& [tenant, endpoint] = wishes.wishes[i].target;
    tenants.push_back(tenant);
    endpoints.push_back(endpoint);
    errors.push_back(wishes.refusals[i]);
    parts_.telemetry.log.error("endpoint_unsigned", {{"tenant", tenant}, {"endpoint", endpoint}, {"error", wishes.refusals[i]}});
  }
  const auto rows = runner_.session().execute(sql::postpone_unsigned, postgres::Parameters{}.add(tenants).add(endpoints).add(errors));
  unsigned_.add(static_cast<double>(rows.affected()));
}

}  // namespace countersign::outbox
