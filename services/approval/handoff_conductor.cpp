#include "approval/handoff_conductor.hpp"

#include <nlohmann/json.hpp>

#include "approval/approval_conductor.hpp"
#include "approval/handoff_desk.hpp"
#include "contracts/codec.hpp"

namespace countersign::approval {

namespace {

base::Uuid id_of(const contracts::Envelope& envelope) { return base::Uuid::parse(envelope.id).value_or(base::Uuid{}); }

std::vector<std::string> keys_of(const pipeline::Batch& batch) {
  std::vector<std::string> keys;
  for (const auto& keyed : batch.arrivals()) keys.push_back(keyed.key);
  return keys;
}

}  // namespace

HandoffParts::HandoffParts(const HandoffStore& handoff_store, telemetry::Telemetry telemetry)
    : store(handoff_store),
      log(telemetry.log),
      opened(telemetry.metrics.counter("handoffs_opened_total", "Tickets given to people.")),
      added(telemetry.metrics.counter("handoffs_added_to_total", "Referrals of a ticket that people had already.")),
      untold(
          telemetry.metrics.counter("handoffs_untold_total", "Handoffs of tenants that no realm carries: nobody outside heard of them.")) {}

HandoffConductor::HandoffConductor(const HandoffParts& parts, pipeline::Batch& batch, const catalog::Snapshot& configuration)
    : parts_(parts), batch_(batch), configuration_(configuration), handoffs_(parts.store.find_open(batch, keys_of(batch))) {}

void HandoffConductor::refer(const std::string& key, const contracts::ReferralHandoff& referral, const pipeline::Arrival& arrival) {
  changed_.insert(key);
  if (const auto found = handoffs_.find(key); found != handoffs_.end()) return add(found->second, referral);
  open(key, referral, arrival);
}

void HandoffConductor::save() {
  std::vector<const Handoff*> changed;
  for (const auto& key : changed_) changed.push_back(&handoffs_.at(key));
  parts_.store.save(batch_, changed);
  parts_.store.record(batch_, changes_);
}

void HandoffConductor::open(const std::string& key, const contracts::ReferralHandoff& referral, const pipeline::Arrival& arrival) {
  auto fresh = HandoffDesk::open(referral, batch_.ids().next(), id_of(arrival.envelope), batch_.now());
  const Handoff& opened = handoffs_.emplace(key, std::move(fresh)).first->second;
  parts_.opened.add();
  changes_.push_back({opened.tenant, opened.id, std::nullopt, opened.state, opened.reason, tell(opened, arrival.envelope.correlation_id)});
  audit(opened, "handoff_opened", opened.reason);
}

void HandoffConductor::add(Handoff& handoff, const contracts::ReferralHandoff& referral) {
  HandoffDesk::add(handoff, referral);
  parts_.added.add();
  changes_.push_back({handoff.tenant, handoff.id, handoff.state, handoff.state, referral.reason, std::nullopt});
  audit(handoff, "handoff_added_to", referral.reason);
}

std::optional<base::Uuid> HandoffConductor::tell(const Handoff& handoff, const std::string& correlation_id) {
  const auto* realm = realm_of_tenant(configuration_, handoff.tenant);
  if (realm == nullptr) {
    parts_.untold.add();
    parts_.log.error("handoff_untold", {{"tenant", handoff.tenant}, {"ticket", handoff.ticket_id}, {"handoff", handoff.id.str()}});
    return std::nullopt;
  }
  pipeline::Emission emission;
  emission.topic = realm->topic("handoffs");
  emission.key = handoff.key();
  emission.type = contracts::types::handoff_opened;
  emission.tenant = handoff.tenant;
  emission.subject = handoff.ticket_id;
  emission.data = contracts::encode(to_message(handoff));
  emission.correlation_id = correlation_id;
  return batch_.emit(std::move(emission));
}

void HandoffConductor::audit(const Handoff& handoff, const char* event, const std::string& reason) {
  const nlohmann::json detail{{"handoff_id", handoff.id.str()}, {"reason", reason}, {"priority", domain::name_of(handoff.priority)}};
  batch_.audit({handoff.tenant, handoff.ticket_id, static_cast<std::int32_t>(handoff.run), 0, event, detail.dump()});
}

}  // namespace countersign::approval
