#include "planner/ticket_intake.hpp"

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/errors.hpp"
#include "contracts/codec.hpp"
#include "contracts/guarded_json.hpp"
#include "contracts/member_writer.hpp"
#include "contracts/schema_check.hpp"
#include "contracts/ticket_identity.hpp"
#include "crypto/digest.hpp"
#include "planner/ticket_facts.hpp"

namespace countersign::planner {

namespace {

struct ReadEvent {
  contracts::Event said;
  std::string digest;
};
using Body = std::shared_ptr<const ReadEvent>;  // shared, because arrivals are copied

const ReadEvent* find_event(const pipeline::Arrival& arrival) {
  const auto* body = std::any_cast<Body>(&arrival.body);
  return body == nullptr ? nullptr : body->get();
}

const std::string& arrivals_name() {
  static const std::string name = "ticket_arrivals_total";
  return name;
}

telemetry::Counter& arrivals(telemetry::Metrics& metrics, const char* verdict) {
  return metrics.counter(arrivals_name(), "Messages on `tickets`, by what became of them.", {{"verdict", verdict}});
}

}  // namespace

TicketIntake::TicketIntake(const ConversationStore& store, Proposer& proposer, const catalog::Catalog& catalog,
                           telemetry::Telemetry telemetry)
    : store_(store),
      proposer_(proposer),
      catalog_(catalog),
      fresh_(arrivals(telemetry.metrics, "fresh")),
      duplicates_(arrivals(telemetry.metrics, "duplicate")),
      refused_(arrivals(telemetry.metrics, "refused")),
      foreign_(arrivals(telemetry.metrics, "foreign")) {}

bool TicketIntake::wants(std::string_view type) const { return contracts::ticket_event(type); }

base::Result<std::any> TicketIntake::decode(const contracts::Envelope& envelope, std::string_view data, std::string_view) const {
  auto json = contracts::read_json(data);
  if (!json) return tl::unexpected(std::move(json.error()));
  if (auto fits = contracts::SchemaSet::of_messages().check(envelope.type, *json); !fits) return tl::unexpected(std::move(fits.error()));
  auto identity = contracts::ticket_identity(envelope.type, *json);  // before the decoder takes the value apart
  auto said = contracts::decode_value(envelope.type, std::move(*json));
  if (!said) return tl::unexpected(std::move(said.error()));
  if (!identity) return tl::unexpected(std::move(identity.error()));
  return std::any(Body(std::make_shared<const ReadEvent>(ReadEvent{std::move(*said), crypto::sha256(*identity).raw()})));
}

// One batch: every key's messages in order, then all writes at once.
class TicketIntake::Fold {
 public:
  Fold(TicketIntake& intake, pipeline::Batch& batch, const catalog::Snapshot& configuration)
      : intake_(intake), batch_(batch), configuration_(configuration) {
    std::vector<std::string> keys;
    for (const auto& keyed : batch.arrivals()) keys.push_back(keyed.key);
    conversations_ = intake.store_.load_facts(batch, keys);
    known_ = intake.store_.find_events(batch, identities());
    waiting_ = intake.store_.find_waiting(batch, being_opened());
  }

  void run() {
    for (const auto& keyed : batch_.arrivals()) fold(keyed);
    intake_.store_.remember(batch_, heard_);
    intake_.store_.release_waiting(batch_, opened_);
    intake_.store_.save_facts(batch_, changed_);
    intake_.store_.note(batch_, exchanges_);
  }

 private:
  std::vector<domain::EventIdentity> identities() const {
    std::vector<domain::EventIdentity> all;
    for (const auto& [key, arrivals] : batch_.arrivals())
      for (const auto& arrival : arrivals)
        if (!arrival.refusal) all.push_back(identity_of(arrival, conversations_.at(key)));
    return all;
  }

  // Of tickets that stay unopened nothing is loaded: how much waits there is up to the source.
  std::vector<std::string> being_opened() const {
    std::vector<std::string> keys;
    for (const auto& [key, arrivals] : batch_.arrivals()) {
      const auto& one = conversations_.at(key);
      if (one.version > 0 && one.status == TicketStatus::unopened && std::any_of(arrivals.begin(), arrivals.end(), opens))
        keys.push_back(key);
    }
    return keys;
  }

  static bool opens(const pipeline::Arrival& arrival) {
    const auto* event = find_event(arrival);
    return event != nullptr && std::holds_alternative<contracts::TicketOpened>(event->said);
  }

  static domain::EventIdentity identity_of(const pipeline::Arrival& arrival, const Conversation& one) {
    return {one.tenant, arrival.envelope.source, arrival.envelope.id};
  }

  void fold(const pipeline::KeyedArrivals& keyed) {
    Conversation& one = conversations_.at(keyed.key);
    const std::int64_t before = one.version;
    Exchange& exchange = exchanges_.emplace_back(one);
    for (const auto& arrival : keyed.arrivals) take(one, arrival, exchange);
    if (one.version == before) return;
    changed_.push_back(&one);
    if (one.wants_plan()) Proposer::plan_afresh(one, configuration_.playbooks(one.tenant));
    intake_.proposer_.propose(one, batch_, exchange);
  }

  void take(Conversation& one, const pipeline::Arrival& arrival, Exchange& exchange) {
    const std::string& topic = arrival.message->at.topic;
    const catalog::Realm* realm = configuration_.find_realm_of_topic(topic);
    if (realm == nullptr || !realm->carries(one.tenant) || configuration_.find_tenant(one.tenant) == nullptr) {
      intake_.foreign_.add();
      batch_.set_aside(arrival, realm == nullptr
                                    ? base::Refusal{"realm_unknown", "no realm is configured for topic " + topic}
                                    : base::Refusal{"tenant_not_in_realm", "realm " + realm->name + " may not carry this tenant"});
      return;
    }
    const auto [verdict, refusal] = judge(one, arrival, realm->name);
    if (one.version == 0) one.realm = realm->name;
    one.version = domain::version_after(one.version, verdict);
    if (verdict == domain::Arrival::duplicate) intake_.duplicates_.add();
    if (verdict == domain::Arrival::fresh) accept(one, arrival, exchange);
    if (refusal) refuse(one, arrival, *refusal, exchange);
  }

  struct Judgement {
    domain::Arrival verdict;
    std::optional<base::Refusal> refusal{};
  };

  Judgement judge(const Conversation& one, const pipeline::Arrival& arrival, const std::string& realm) const {
    using domain::Arrival;
    if (arrival.refusal) return {Arrival::unreadable, arrival.refusal};
    const auto& event = *find_event(arrival);
    const contracts::MessageKey key{one.tenant, one.ticket_id};
    if (auto fits = contracts::check_body(key, contracts::tenant_of(event.said), contracts::ticket_of(event.said)); !fits)
      return {Arrival::unreadable, fits.error()};
    const auto found = known_.find(identity_of(arrival, one));
    if (found != known_.end()) {
      const bool same = found->second.ticket_id == one.ticket_id && found->second.digest == event.digest;
      if (same) return {Arrival::duplicate};
      return {Arrival::contradiction, base::Refusal{"event_id_reused", "another event has come from this source under the same id"}};
    }
    if (one.version > 0 && one.realm != realm)
      return {Arrival::unreadable, base::Refusal{"wrong_realm", "the ticket belongs to realm " + one.realm}};
    return {Arrival::fresh};
  }

  void refuse(const Conversation& one, const pipeline::Arrival& arrival, const base::Refusal& refusal, Exchange& exchange) {
    intake_.refused_.add();
    batch_.set_aside(arrival, refusal);
    note(one, arrival, refusal.code, exchange);
  }

  void accept(Conversation& one, const pipeline::Arrival& arrival, Exchange& exchange) {
    const auto& event = *find_event(arrival);
    const auto identity = identity_of(arrival, one);
    const bool opening = opens(arrival);
    const bool waits = one.status == TicketStatus::unopened && !opening;
    known_[identity] = {one.ticket_id, event.digest};
    heard_.push_back({one.tenant, one.ticket_id, identity, event.digest, one.version, arrival.envelope.type,
                      waits ? std::optional(contracts::encode(event.said)) : std::nullopt});
    if (waits) {
      waiting_[one.key()].push_back(event.said);
    } else if (auto fits = apply_event(one, event.said); !fits) {
      return refuse(one, arrival, fits.error(), exchange);
    }
    intake_.fresh_.add();
    note(one, arrival, std::nullopt, exchange);
    if (opening) apply_what_waited(one);
  }

  // What does not fit any more is no dead letter of this message; its own was accepted when it came.
  void apply_what_waited(Conversation& one) {
    const auto found = waiting_.find(one.key());
    if (found == waiting_.end()) return;
    for (const auto& event : found->second) static_cast<void>(apply_event(one, event));
    waiting_.erase(found);
    opened_.push_back(one.key());
  }

  void note(const Conversation& one, const pipeline::Arrival& arrival, const std::optional<std::string>& refused, Exchange& exchange) {
    contracts::MemberWriter detail;
    detail.put("event_id", arrival.envelope.id).put("source", arrival.envelope.source).put("refused", refused);
    exchange.add(one.version, arrival.envelope.type.empty() ? "unreadable" : arrival.envelope.type, detail.text());
  }

  TicketIntake& intake_;
  pipeline::Batch& batch_;
  const catalog::Snapshot& configuration_;
  Conversations conversations_;
  std::map<domain::EventIdentity, KnownEvent> known_;
  std::map<std::string, std::vector<contracts::Event>> waiting_;
  std::vector<HeardEvent> heard_;
  std::vector<std::string> opened_;
  std::vector<const Conversation*> changed_;
  std::vector<Exchange> exchanges_;
};

void TicketIntake::apply(pipeline::Batch& batch) {
  const auto configuration = catalog_.current();
  if (!configuration) throw base::Unavailable("no configuration has been read yet");
  Fold(*this, batch, *configuration).run();
}

}  // namespace countersign::planner
