#include "outbox/intake_claimer.hpp"

#include <algorithm>

#include "base/crash_point.hpp"

namespace countersign::outbox {

namespace {

// Every tenant's first before anybody's second, and within a tenant likewise its endpoints'; otherwise as they came.
std::vector<ClaimOffer> in_turn(std::vector<ClaimOffer> offers) {
  const auto sort_by_turn = [&offers](const auto& whose) {
    std::map<std::decay_t<decltype(whose(offers.front()))>, std::size_t> turns;
    std::vector<std::pair<std::size_t, ClaimOffer>> turned;
    for (const auto& offer : offers) turned.emplace_back(turns[whose(offer)]++, offer);
    std::stable_sort(turned.begin(), turned.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (std::size_t i = 0; i < offers.size(); ++i) offers[i] = turned[i].second;
  };
  sort_by_turn([](const ClaimOffer& offer) { return offer.endpoint; });
  sort_by_turn([](const ClaimOffer& offer) { return std::string_view(offer.endpoint->tenant); });
  return offers;
}

TargetName name_of(const catalog::Endpoint& endpoint) { return {endpoint.tenant, endpoint.name}; }

}  // namespace

IntakeClaimer::IntakeClaimer(pipeline::CoreParts parts, SigningKeys& keys, WebhookSender& sender, ClaimerOptions options)
    : parts_(parts),
      keys_(keys),
      sender_(sender),
      options_(options),
      claimed_(parts.telemetry.metrics.counter("deliveries_claimed_total", "Deliveries given to the lane.")),
      hold_(sender.desk()) {}

ClaimChoice IntakeClaimer::choose(std::vector<ClaimOffer> offers, std::size_t rows,
                                  std::shared_ptr<const catalog::Snapshot> configuration) {
  forget();
  ClaimChoice choice;
  choice.wishes.resize(rows);
  choice.ranks.resize(rows);
  if (plain_ || offers.empty()) return choice;
  const auto load = sender_.load();
  std::size_t budget = (load.free + 1) / 2;
  for (const auto& offer : in_turn(std::move(offers))) {
    if (budget == 0) break;
    Wish* wish = find_wish(*offer.endpoint, load, choice);
    if (wish == nullptr || !hold_.take(name_of(*offer.endpoint), options_.most_per_endpoint)) continue;
    --budget;
    choice.wishes[offer.row] = static_cast<std::int64_t>(wish->place);
    choice.ranks[offer.row] = static_cast<std::int64_t>(++wish->held);
  }
  configuration_ = std::move(configuration);
  token_ = parts_.ids.next();
  begun_ = parts_.clock.steady();
  return choice;
}

std::size_t IntakeClaimer::slots_of(const catalog::Endpoint& endpoint, const LaneLoad& load) const {
  const auto busy = load.under_way.find(name_of(endpoint));
  const std::size_t under_way = busy == load.under_way.end() ? 0 : busy->second;
  return options_.most_per_endpoint - std::min(options_.most_per_endpoint, under_way);
}

// Nothing when the endpoint has no slot or no signer.
IntakeClaimer::Wish* IntakeClaimer::find_wish(const catalog::Endpoint& endpoint, const LaneLoad& load, ClaimChoice& choice) {
  const auto [found, added] = wishes_.try_emplace(&endpoint);
  Wish& wish = found->second;
  if (!added) return wish.place > 0 ? &wish : nullptr;
  wish.slots = slots_of(endpoint, load);
  if (wish.slots == 0) return nullptr;
  auto signer = keys_.find_signer(endpoint);
  if (!signer) return nullptr;
  wish.signer = *std::move(signer);
  choice.tenants.push_back(endpoint.tenant);
  choice.endpoints.push_back(endpoint.name);
  choice.versions.push_back(endpoint.version);
  choice.slots.push_back(static_cast<std::int64_t>(wish.slots));
  choice.leases.emplace_back(lease_of(endpoint));
  wish.place = choice.tenants.size();
  return &wish;
}

void IntakeClaimer::note(Claim claim, const catalog::Endpoint& endpoint) {
  claim.token = token_;
  claim.lease_end = begun_ + lease_of(endpoint);
  calls_.push_back({std::move(claim), configuration_, &endpoint, wishes_.at(&endpoint).signer});
}

void IntakeClaimer::committed() {
  plain_ = false;
  auto calls = std::exchange(calls_, {});
  if (!calls.empty()) {
    for (const auto& call : calls) hold_.pass_on(target_of(call));
    claimed_.add(static_cast<double>(calls.size()));
    base::crash_point("before_take");
    sender_.take(std::move(calls));
  }
  forget();
}

bool IntakeClaimer::rolled_back() {
  const bool tried = !hold_.empty();
  plain_ = plain_ || tried;
  forget();
  return tried;
}

void IntakeClaimer::forget() {
  hold_.give_back();
  wishes_.clear();
  calls_.clear();
  configuration_.reset();
}

}  // namespace countersign::outbox
