#include "outbox/delivery_intake.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/errors.hpp"
#include "contracts/codec.hpp"
#include "outbox/delivery_id.hpp"
#include "outbox/sql.hpp"

namespace countersign::outbox {

namespace {

namespace types = contracts::types;

constexpr std::array outcome_types{types::ticket_resolved,  types::ticket_drafted, types::ticket_denied,
                                   types::ticket_escalated, types::ticket_failed,  types::ticket_cancelled};

struct Announcement {
  std::string tenant;
  std::string ticket;
  std::string data;  // JSON
};

std::string quoted(const std::string& text) { return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace); }

// The data is passed on as it came: it has been read and found well-formed, and members that this build does not know are the receiver's.
std::string make_body(const contracts::Envelope& envelope, const std::string& data, base::WallTime now) {
  const std::string time = envelope.time.empty() ? base::to_rfc3339(now) : envelope.time;
  return R"({"type":)" + quoted(envelope.type) + R"(,"timestamp":)" + quoted(time) + R"(,"data":)" + data + "}";
}

std::optional<base::Refusal> contradiction(const pipeline::Arrival& arrival, const std::string& key, const Announcement& announcement,
                                           const catalog::Snapshot& configuration) {
  const auto parts = contracts::split_key(key);
  if (!parts) return base::Refusal{"key_malformed", "the key is not tenant/ticket"};
  if (auto same = contracts::check_body(*parts, announcement.tenant, announcement.ticket); !same) return same.error();
  const auto* realm = configuration.find_realm_of_topic(arrival.message->at.topic);
  if (realm == nullptr || !realm->carries(announcement.tenant))
    return base::Refusal{"tenant_not_in_realm", "the realm of " + arrival.message->at.topic + " does not carry this tenant"};
  return std::nullopt;
}

}  // namespace

struct DeliveryIntake::Rows {
  std::vector<base::Uuid> ids;
  std::vector<std::string> tenants, tickets, endpoints, messages, types;
  std::vector<std::int64_t> sequences;
  std::vector<std::int64_t> bodies;  // position in payloads, from 1
  std::vector<base::WallTime> due;
  std::vector<bool> follows;  // the ticket may have an earlier message that is unfinished
  std::vector<ClaimOffer> offers;

  std::vector<postgres::Bytes> payloads;
};

DeliveryIntake::DeliveryIntake(const catalog::Catalog& catalog, IntakeClaimer& claimer, DueBell& due, telemetry::Telemetry telemetry)
    : catalog_(catalog),
      claimer_(claimer),
      due_(due),
      accepted_(telemetry.metrics.counter("deliveries_accepted_total", "Deliveries that a consumed message called for.")) {}

bool DeliveryIntake::wants(std::string_view type) const {
  return std::find(outcome_types.begin(), outcome_types.end(), type) != outcome_types.end();
}

base::Result<std::any> DeliveryIntake::decode(const contracts::Envelope& envelope, std::string_view data, std::string_view) const {
  auto event = contracts::decode(envelope.type, data);
  if (!event) return tl::unexpected(event.error());
  return std::any(Announcement{std::string(contracts::tenant_of(*event)), std::string(contracts::ticket_of(*event)), std::string(data)});
}

void DeliveryIntake::apply(pipeline::Batch& batch) {
  const auto configuration = catalog_.current();
  if (configuration == nullptr) throw base::Unavailable("no configuration was read yet");
  Rows rows;
  for (const auto& [key, arrivals] : batch.arrivals()) {
    Takers takers;
    for (const auto& arrival : arrivals)
      if (!arrival.refusal) take(arrival, key, *configuration, takers, batch, rows);
  }
  owed_ = rows.ids.size();
  left_ = 0;
  if (owed_ > 0) insert(batch, rows, configuration);
}

void DeliveryIntake::take(const pipeline::Arrival& arrival, const std::string& key, const catalog::Snapshot& configuration, Takers& takers,
                          pipeline::Batch& batch, Rows& rows) const {
  const auto& announcement = std::any_cast<const Announcement&>(arrival.body);
  if (const auto refusal = contradiction(arrival, key, announcement, configuration)) return batch.set_aside(arrival, *refusal);
  const auto& envelope = arrival.envelope;
  const std::size_t before = rows.ids.size();
  for (const auto* endpoint : configuration.endpoints(announcement.tenant)) {
    if (!endpoint->enabled || !endpoint->wants(envelope.type)) continue;
    const bool first = takers.insert(endpoint).second;
    if (endpoint->schedule.front() <= std::chrono::milliseconds{0} && (first || !endpoint->ordered))
      rows.offers.push_back({rows.ids.size(), endpoint});
    rows.ids.push_back(delivery_id(announcement.tenant, endpoint->name, envelope.id));
    rows.tenants.push_back(announcement.tenant);
    rows.tickets.push_back(announcement.ticket);
    rows.endpoints.push_back(endpoint->name);
    rows.messages.push_back(envelope.id);
    rows.types.push_back(envelope.type);
    rows.sequences.push_back(envelope.sequence.value_or(0));
    rows.bodies.push_back(static_cast<std::int64_t>(rows.payloads.size()) + 1);
    rows.due.push_back(batch.now() + endpoint->schedule.front());
    rows.follows.push_back(endpoint->ordered && !batch.keys().at(key).fresh);
  }
  if (rows.ids.size() > before) rows.payloads.push_back({make_body(envelope, announcement.data, batch.now())});
}

void DeliveryIntake::insert(pipeline::Batch& batch, const Rows& rows, std::shared_ptr<const catalog::Snapshot> configuration) {
  const auto choice = claimer_.choose(rows.offers, rows.ids.size(), std::move(configuration));
  auto parameters = postgres::Parameters{}.add(rows.ids).add(rows.tenants).add(rows.tickets).add(rows.endpoints).add(rows.messages);
  parameters.add(rows.types).add(rows.sequences).add(rows.bodies).add(rows.payloads).add(rows.due);
  parameters.add(choice.tenants).add(choice.endpoints).add(choice.versions).add(choice.slots).add(choice.leases);
  parameters.add(choice.wishes).add(choice.ranks).add(rows.follows).add(claimer_.token()).add(claimer_.claimed_by());
  left_ = owed_;
  if (choice.empty()) {
    batch.transaction().queue(sql::insert_deliveries, std::move(parameters));
    return;
  }
  std::map<base::Uuid, const ClaimOffer*> offered;
  for (const auto& offer : rows.offers) offered.emplace(rows.ids[offer.row], &offer);
  for (const auto row : batch.transaction().execute(sql::insert_deliveries, std::move(parameters))) {
    if (!row.get<bool>(1)) continue;
    const auto& [at, endpoint] = *offered.at(row.get<base::Uuid>(0));
    claimer_.note({.delivery = rows.ids[at],
                   .ticket = rows.tickets[at],
                   .payload = rows.payloads[static_cast<std::size_t>(rows.bodies[at]) - 1].value,
                   .accepted_at = batch.now()},
                  *endpoint);
    --left_;
  }
}

void DeliveryIntake::committed() {
  claimer_.committed();
  accepted_.add(static_cast<double>(std::exchange(owed_, 0)));
  if (std::exchange(left_, 0) > 0) due_.ring();
}

bool DeliveryIntake::rolled_back() {
  owed_ = left_ = 0;
  return claimer_.rolled_back();
}

}  // namespace countersign::outbox
