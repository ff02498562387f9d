#include "executor/ticket_intake.hpp"

#include <memory>

#include "base/errors.hpp"
#include "contracts/codec.hpp"
#include "contracts/ticket_identity.hpp"
#include "executor/ticket_event.hpp"
#include "executor/ticket_facts.hpp"
#include "executor/ticket_records.hpp"

namespace countersign::executor {

namespace {

using TicketEventPointer = std::shared_ptr<const TicketEvent>;

constexpr std::int64_t most_waiting_events = 200;  // all are read when the ticket is opened

const TicketEvent* event_of(const pipeline::Arrival& arrival) {
  const auto* event = std::any_cast<TicketEventPointer>(&arrival.body);
  return event == nullptr ? nullptr : event->get();
}

// A type that does not belong on the topic says nothing about the ticket, however badly the rest can be read.
bool concerns_ticket(const pipeline::Arrival& arrival) {
  const auto peeked = contracts::peek_type(arrival.message->headers);
  const std::string_view type = peeked.empty() ? std::string_view(arrival.envelope.type) : peeked;
  return type.empty() || contracts::ticket_event(type);
}

telemetry::Counter& arrivals(telemetry::Telemetry telemetry, const char* judged) {
  return telemetry.metrics.counter("ticket_events_total", "Messages on tickets by how they were judged.", {{"judged", judged}});
}

}  // namespace

// One batch: the cases and rows of all its keys.
class TicketIntake::Fold {
 public:
  Fold(TicketIntake& intake, pipeline::Batch& batch, const catalog::Snapshot& configuration)
      : intake_(intake), batch_(batch), configuration_(configuration) {}

  void run() {
    load();
    for (const auto& [key, arrivals] : batch_.arrivals()) {
      const auto found = cases_.find(key);
      if (found == cases_.end()) continue;
      TicketCase& one = found->second;
      const auto version = one.ticket.version;
      for (const auto& arrival : arrivals) take(one, arrival);
      if (one.ticket.version != version) intake_.plans_.consider_held(one, batch_);
    }
    records_.save(batch_);
    intake_.store_.save(batch_, cases_);
  }

 private:
  void load() {
    std::vector<std::string> keys, opening;
    std::vector<domain::EventIdentity> identities;
    for (const auto& [key, arrivals] : batch_.arrivals()) {
      if (arrivals.empty()) continue;
      keys.push_back(key);
      bool opens = false;
      for (const auto& arrival : arrivals) {
        const TicketEvent* event = event_of(arrival);
        if (event == nullptr) continue;
        identities.push_back(event->identity);
        opens |= std::holds_alternative<contracts::TicketOpened>(event->said);
      }
      if (opens && !batch_.key_state(key).fresh) opening.push_back(key);
    }
    records_.ask(identities, opening, batch_);
    cases_ = intake_.store_.load(batch_, keys, Expected::no_steps);
    records_.take_answers(batch_);
    judge_ = std::make_unique<domain::TicketArrivals>(std::move(records_).known_events());
  }

  void take(TicketCase& one, const pipeline::Arrival& arrival) {
    if (!concerns_ticket(arrival)) return;
    const auto realm = admit_to_realm(arrival.message->at.topic, one.ticket.tenant, configuration_);
    if (!realm) {
      intake_.foreign_.add();
      return batch_.set_aside(arrival, realm.error());
    }
    if (one.ticket.realm.empty()) one.ticket.realm = (*realm)->name;
    const TicketEvent* event = event_of(arrival);
    if (event == nullptr || arrival.refusal) return take_unreadable(one, arrival, std::nullopt);
    if (const auto same =
            contracts::check_body({one.ticket.tenant, one.ticket.id}, contracts::tenant_of(event->said), contracts::ticket_of(event->said));
        !same)
      return take_unreadable(one, arrival, same.error());
    if (one.ticket.realm != (*realm)->name) return take_elsewhere(one, arrival, *event);
    take_readable(one, arrival, *event, **realm);
  }

  void take_readable(TicketCase& one, const pipeline::Arrival& arrival, const TicketEvent& event, const catalog::Realm& realm) {
    switch (judge_->judge(event.identity, event.digest)) {
      case domain::Arrival::duplicate:
        intake_.duplicates_.add();
        return;
      case domain::Arrival::contradiction:
        return take_contradiction(one, arrival);
      default:
        break;
    }
    intake_.fresh_.add();
    count(one, domain::Arrival::fresh);
    records_.note_event(one.ticket, event);
    if (const auto refused = apply(one, event, realm)) {
      batch_.set_aside(arrival, *refused);
      supersede(one, domain::StopCause::ticket_updated);
    }
  }

  void take_unreadable(TicketCase& one, const pipeline::Arrival& arrival, const std::optional<base::Refusal>& why) {
    intake_.unreadable_.add();
    if (why) batch_.set_aside(arrival, *why);
    count(one, domain::Arrival::unreadable);
    supersede(one, domain::StopCause::ticket_updated);
  }

  // A repetition of what is known may come any way; something new may not.
  void take_elsewhere(TicketCase& one, const pipeline::Arrival& arrival, const TicketEvent& event) {
    switch (judge_->compare(event.identity, event.digest)) {
      case domain::EventIdSeen::with_same_content:
        intake_.duplicates_.add();
        return;
      case domain::EventIdSeen::with_other_content:
        return take_contradiction(one, arrival);
      case domain::EventIdSeen::never:
        return take_unreadable(one, arrival, base::Refusal{"wrong_realm", "this ticket came through realm " + one.ticket.realm});
    }
  }

  void take_contradiction(TicketCase& one, const pipeline::Arrival& arrival) {
    intake_.contradictions_.add();
    intake_.telemetry_.log.error("event_id_reused",
                                 {{"tenant", one.ticket.tenant}, {"ticket", one.ticket.id}, {"source", arrival.envelope.source}});
    batch_.set_aside(arrival, {"event_id_reused", "this event id came before with other content"});
    count(one, domain::Arrival::contradiction);
    supersede(one, domain::StopCause::ticket_updated);
  }

  void count(TicketCase& one, domain::Arrival judged) {
    one.ticket.version = domain::version_after(one.ticket.version, judged);
    one.ticket_changed = one.facts_changed = true;
  }

  // Something was said that nobody could take in: a plan made before it may be wrong. A ticket at rest is left at rest.
  void supersede(TicketCase& one, domain::StopCause cause) {
    if (one.ticket.status == TicketStatus::open) intake_.conductor_.stop(one, cause, batch_);
  }

  // What the event means. A refusal: it is fresh and counts, but nothing can be done with it.
  std::optional<base::Refusal> apply(TicketCase& one, const TicketEvent& event, const catalog::Realm& realm) {
    if (const auto* opened = std::get_if<contracts::TicketOpened>(&event.said)) return open(one, *opened, realm);
    if (one.ticket.status == TicketStatus::unopened) {
      if (one.ticket.version > most_waiting_events)
        return base::Refusal{"too_many_waiting", "too much was said of this ticket before it was opened"};
      records_.keep_waiting(one.ticket, event);
      return std::nullopt;
    }
    if (auto refused = change_facts(one, one.ticket.version, event.said)) return refused;
    if (std::holds_alternative<contracts::TicketClosed>(event.said)) {
      close(one);
    } else if (one.ticket.status == TicketStatus::open) {
      const bool message = std::holds_alternative<contracts::TicketMessageAdded>(event.said);
      go_on(one, message ? domain::StopCause::message_added : domain::StopCause::ticket_updated);
    }
    return std::nullopt;
  }

  std::optional<base::Refusal> open(TicketCase& one, const contracts::TicketOpened& opened, const catalog::Realm& realm) {
    Ticket& ticket = one.ticket;
    if (ticket.status == TicketStatus::open) return base::Refusal{"ticket_already_opened", "the ticket is open; send ticket.updated"};
    const std::string before = ticket.status == TicketStatus::closed ? "closed" : "unopened";
    open_ticket(
        ticket, opened,
        {.requester = realm.requester_authenticated && opened.requester_authenticated.value_or(false), .actor = realm.actor_authenticated});
    one.transitions.push_back({0, 0, "ticket", before, "open", {}, {}});
    bool closed = false;
    for (const auto& [version, said] : records_.release(ticket)) {
      // What waited was within its bounds alone; if it is not together with the rest, the rest stands.
      static_cast<void>(change_facts(one, version, said));
      closed |= std::holds_alternative<contracts::TicketClosed>(said);
    }
    if (closed)
      close(one);
    else if (!one.run)
      intake_.conductor_.open_run(one, batch_);
    return std::nullopt;
  }

  std::optional<base::Refusal> change_facts(TicketCase& one, std::int64_t version, const contracts::Event& said) {
    if (const auto* message = std::get_if<contracts::TicketMessageAdded>(&said)) records_.note_message(one.ticket, version, *message);
    if (const auto* updated = std::get_if<contracts::TicketUpdated>(&said)) {
      if (const auto merged = update_ticket(one.ticket, *updated); !merged) return merged.error();
    }
    return std::nullopt;
  }

  void go_on(TicketCase& one, domain::StopCause cause) {
    if (one.run)
      intake_.conductor_.stop(one, cause, batch_);
    else
      intake_.conductor_.open_run(one, batch_);
  }

  void close(TicketCase& one) {
    if (one.ticket.status == TicketStatus::closed) return;
    one.ticket.status = TicketStatus::closed;
    one.transitions.push_back({0, 0, "ticket", "open", "closed", {}, {}});
    if (one.run)
      intake_.conductor_.stop(one, domain::StopCause::ticket_closed, batch_);
    else if (one.ticket.ended_version == 0)
      intake_.conductor_.end_without_run(one, batch_);
  }

  TicketIntake& intake_;
  pipeline::Batch& batch_;
  const catalog::Snapshot& configuration_;
  TicketRecords records_;
  std::map<std::string, TicketCase> cases_;
  std::unique_ptr<domain::TicketArrivals> judge_;
};

TicketIntake::TicketIntake(const CaseStore& store, const RunConductor& conductor, const PlanDesk& plans, const catalog::Catalog& catalog,
                           base::Bell& claimable, telemetry::Telemetry telemetry)
    : store_(store),
      conductor_(conductor),
      plans_(plans),
      catalog_(catalog),
      claimable_(claimable),
      telemetry_(telemetry),
      fresh_(arrivals(telemetry, "fresh")),
      duplicates_(arrivals(telemetry, "duplicate")),
      contradictions_(arrivals(telemetry, "contradiction")),
      unreadable_(arrivals(telemetry, "unreadable")),
      foreign_(arrivals(telemetry, "foreign")) {}

base::Result<std::any> TicketIntake::decode(const contracts::Envelope& envelope, std::string_view data, std::string_view) const {
  auto event = read_ticket_event(envelope, data);
  if (!event) return tl::unexpected(event.error());
  return std::any(TicketEventPointer(std::make_shared<const TicketEvent>(std::move(*event))));
}

void TicketIntake::apply(pipeline::Batch& batch) {
  const auto configuration = catalog_.current();
  if (!configuration) throw base::Unavailable("no configuration has been loaded yet");
  Fold(*this, batch, *configuration).run();
}

}  // namespace countersign::executor
