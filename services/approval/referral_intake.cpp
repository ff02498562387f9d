#include "approval/referral_intake.hpp"

#include <nlohmann/json.hpp>

#include "approval/handoff_desk.hpp"
#include "base/errors.hpp"
#include "contracts/codec.hpp"

namespace countersign::approval {

namespace {

contracts::MessageKey parts_of(const std::string& key) { return contracts::split_key(key).value_or(contracts::MessageKey{}); }

base::Uuid id_of(const contracts::Envelope& envelope) { return base::Uuid::parse(envelope.id).value_or(base::Uuid{}); }

}  // namespace

const catalog::Realm* realm_of_tenant(const catalog::Snapshot& configuration, std::string_view tenant) {
  const catalog::Realm* main = configuration.find_realm("main");
  if (main != nullptr && main->carries(tenant)) return main;
  for (const auto& [name, realm] : configuration.realms())
    if (realm.carries(tenant)) return &realm;
  return nullptr;
}

ReferralIntake::ReferralIntake(const HandoffStore& store, const catalog::Catalog& catalog, telemetry::Telemetry telemetry)
    : store_(store),
      catalog_(catalog),
      log_(telemetry.log),
      opened_(telemetry.metrics.counter("handoffs_opened_total", "Tickets given to people.")),
      added_(telemetry.metrics.counter("handoffs_added_to_total", "Referrals of a ticket that people had already.")),
      unreadable_(telemetry.metrics.counter("referrals_unreadable_total",
                                            "Referrals that could not be read; each is a dead letter and a handoff.")),
      untold_(
          telemetry.metrics.counter("handoffs_untold_total", "Handoffs of tenants that no realm carries: nobody outside heard of them.")) {}

base::Result<std::any> ReferralIntake::decode(const contracts::Envelope& envelope, std::string_view data, std::string_view) const {
  return contracts::decode(envelope.type, data).map([](contracts::Event&& event) {
    return std::any(std::get<contracts::ReferralHandoff>(std::move(event)));
  });
}

class ReferralIntake::Fold {
 public:
  Fold(ReferralIntake& intake, pipeline::Batch& batch, const catalog::Snapshot& configuration)
      : intake_(intake), batch_(batch), configuration_(configuration) {
    std::vector<std::string> keys;
    for (const auto& keyed : batch.arrivals()) keys.push_back(keyed.key);
    handoffs_ = intake.store_.find_open(batch, keys);
  }

  void run() {
    for (const auto& [key, arrivals] : batch_.arrivals()) {
      for (const auto& arrival : arrivals) take(key, arrival);
      if (!arrivals.empty()) changed_.push_back(&handoffs_.at(key));
    }
    intake_.store_.save(batch_, changed_);
    intake_.store_.record(batch_, changes_);
  }

 private:
  void take(const std::string& key, const pipeline::Arrival& arrival) {
    const auto referral = read(key, arrival);
    if (const auto found = handoffs_.find(key); found != handoffs_.end()) return add(found->second, referral);
    Handoff& opened =
        handoffs_.emplace(key, HandoffDesk::open(referral, batch_.ids().next(), id_of(arrival.envelope), batch_.now())).first->second;
    intake_.opened_.add();
    changes_.push_back({opened.tenant, opened.id, std::nullopt, opened.state, opened.reason, tell(opened, arrival.envelope)});
    audit(opened, "handoff_opened", opened.reason);
  }

  contracts::ReferralHandoff read(const std::string& key, const pipeline::Arrival& arrival) {
    const auto parts = parts_of(key);
    auto refusal = arrival.refusal;
    const auto* referral = std::any_cast<contracts::ReferralHandoff>(&arrival.body);
    if (!refusal)
      if (auto fits = contracts::check_body(parts, referral->tenant, referral->ticket_id); !fits) refusal = fits.error();
    if (!refusal) return *referral;
    intake_.unreadable_.add();
    batch_.set_aside(arrival, *refusal);
    return unreadable_referral(parts.tenant, parts.ticket, refusal->code);
  }

  void add(Handoff& handoff, const contracts::ReferralHandoff& referral) {
    HandoffDesk::add(handoff, referral);
    intake_.added_.add();
    changes_.push_back({handoff.tenant, handoff.id, handoff.state, handoff.state, referral.reason, std::nullopt});
    audit(handoff, "handoff_added_to", referral.reason);
  }

  std::optional<base::Uuid> tell(const Handoff& handoff, const contracts::Envelope& cause) {
    const auto* realm = realm_of_tenant(configuration_, handoff.tenant);
    if (realm == nullptr) {
      intake_.untold_.add();
      intake_.log_.error("handoff_untold", {{"tenant", handoff.tenant}, {"ticket", handoff.ticket_id}, {"handoff", handoff.id.str()}});
      return std::nullopt;
    }
    pipeline::Emission emission;
    emission.topic = realm->topic("handoffs");
    emission.key = handoff.key();
    emission.type = contracts::types::handoff_opened;
    emission.tenant = handoff.tenant;
    emission.subject = handoff.ticket_id;
    emission.data = contracts::encode(to_message(handoff));
    emission.correlation_id = cause.correlation_id;
    emission.causation_id = cause.id;
    emission.traceparent = cause.traceparent;
    return batch_.emit(std::move(emission));
  }

  void audit(const Handoff& handoff, const char* event, const std::string& reason) {
    const nlohmann::json detail{{"handoff_id", handoff.id.str()}, {"reason", reason}, {"priority", domain::name_of(handoff.priority)}};
    batch_.audit({handoff.tenant, handoff.ticket_id, static_cast<std::int32_t>(handoff.run), 0, event, detail.dump()});
  }

  ReferralIntake& intake_;
  pipeline::Batch& batch_;
  const catalog::Snapshot& configuration_;
  std::map<std::string, Handoff> handoffs_;  // by key; none resolved
  std::vector<const Handoff*> changed_;
  std::vector<HandoffChange> changes_;
};

void ReferralIntake::apply(pipeline::Batch& batch) {
  const auto configuration = catalog_.current();
  if (!configuration) throw base::Unavailable("no configuration has been read yet");
  Fold(*this, batch, *configuration).run();
}

}  // namespace countersign::approval
