#include "outbox/delivery_intake.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/errors.hpp"
#include "contracts/codec.hpp"
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
  std::vector<std::int64_t> messages;  // position in the columns below, from 1
  std::vector<std::string> endpoints;
  std::vector<base::WallTime> due;

  std::vector<std::string> tenants, tickets, message_ids, message_types;
  std::vector<std::int64_t> sequences;
  std::vector<postgres::Bytes> payloads;
};

DeliveryIntake::DeliveryIntake(const catalog::Catalog& catalog, base::Bell& due, telemetry::Telemetry telemetry)
    : catalog_(catalog),
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
  for (const auto& [key, arrivals] : batch.arrivals())
    for (const auto& arrival : arrivals)
      if (!arrival.refusal) take(arrival, key, *configuration, batch, rows);
  owed_ = rows.ids.size();
  if (rows.ids.empty()) return;
  batch.transaction().queue(sql::insert_deliveries, postgres::Parameters{}
                                                        .add(rows.ids)
                                                        .add(rows.messages)
                                                        .add(rows.endpoints)
                                                        .add(rows.due)
                                                        .add(rows.tenants)
                                                        .add(rows.tickets)
                                                        .add(rows.message_ids)
                                                        .add(rows.message_types)
                                                        .add(rows.sequences)
                                                        .add(rows.payloads));
}

void DeliveryIntake::take(const pipeline::Arrival& arrival, const std::string& key, const catalog::Snapshot& configuration,
                          pipeline::Batch& batch, Rows& rows) const {
  const auto& announcement = std::any_cast<const Announcement&>(arrival.body);
  if (const auto refusal = contradiction(arrival, key, announcement, configuration)) return batch.set_aside(arrival, *refusal);
  const auto& envelope = arrival.envelope;
  bool wanted = false;
  for (const auto* endpoint : configuration.endpoints(announcement.tenant)) {
    if (!endpoint->enabled || !endpoint->wants(envelope.type)) continue;
    wanted = true;
    rows.ids.push_back(batch.ids().next());
    rows.messages.push_back(static_cast<std::int64_t>(rows.payloads.size()) + 1);
    rows.endpoints.push_back(endpoint->name);
    rows.due.push_back(batch.now() + endpoint->schedule.front());
  }
  if (!wanted) return;
  rows.tenants.push_back(announcement.tenant);
  rows.tickets.push_back(announcement.ticket);
  rows.message_ids.push_back(envelope.id);
  rows.message_types.push_back(envelope.type);
  rows.sequences.push_back(envelope.sequence.value_or(0));
  rows.payloads.push_back({make_body(envelope, announcement.data, batch.now())});
}

void DeliveryIntake::committed() {
  accepted_.add(static_cast<double>(owed_));
  if (owed_ > 0) due_.ring();
  owed_ = 0;
}

}  // namespace countersign::outbox
