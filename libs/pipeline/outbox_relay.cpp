#include "pipeline/outbox_relay.hpp"

#include <algorithm>
#include <cctype>
#include <iterator>

#include "pipeline/dead_letters.hpp"
#include "pipeline/outbox_rows.hpp"
#include "pipeline/publisher.hpp"
#include "pipeline/sql.hpp"
#include "pipeline/territory.hpp"

namespace countersign::pipeline {

using postgres::Parameters;

namespace {

constexpr std::chrono::seconds confirmation_deadline{10};

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

// Who speaks is said by us. So is that the envelope is in the headers: in a structured event the value itself would name the source.
bool said_by_us(const std::string& header) {
  constexpr std::string_view ours[] = {"ce_source", "content-type", "ce_datacontenttype"};
  return std::any_of(std::begin(ours), std::end(ours), [&](std::string_view name) { return equal_ignoring_case(header, name); });
}

void set_source(Outgoing& outgoing, const std::string& schema) {
  if (outgoing.raw) return;
  std::erase_if(outgoing.headers, [](const auto& header) { return said_by_us(header.first); });
  outgoing.headers.emplace_back("content-type", "application/json");
  outgoing.headers.emplace_back("ce_source", source_of(schema));
}

}  // namespace

OutboxRelay::OutboxRelay(messaging::Broker& broker, postgres::ConnectionSettings database, std::string schema, base::Clock& clock,
                         telemetry::Telemetry telemetry)
    : broker_(broker),
      database_(std::move(database)),
      schema_(std::move(schema)),
      clock_(clock),
      telemetry_(telemetry),
      relayed_(telemetry.metrics.counter("relayed_messages_total", "Messages published for processes that died.", {{"schema", schema_}})),
      refused_(
          telemetry.metrics.counter("relay_refusals_total", "Stranded rows that their schema may not publish.", {{"schema", schema_}})),
      oldest_(telemetry.metrics.gauge("outbox_oldest_seconds", "Age of the oldest outbox row.", {{"schema", schema_}})) {
  database_.search_path = schema_;
}

postgres::Session& OutboxRelay::session() {
  if (session_ && !session_->broken()) return *session_;
  session_ = std::make_unique<postgres::Session>(database_);
  locked_ = false;
  writable_ = {dead_letter_topic};
  for (const auto row : session_->execute(sql::check_slots))
    if (row.get<std::string>(0) == "output") writable_.insert(row.get<std::string>(2));
  return *session_;
}

bool OutboxRelay::hold_lock() {
  postgres::Session& mine = session();
  if (!locked_) locked_ = mine.execute(sql::try_relay_lock, Parameters{}.add(schema_))[0].get<bool>(0);
  return locked_;
}

// A raw row brings headers of its own, ce_source included, and so may only be what raw rows are for.
bool OutboxRelay::may_publish(const Outgoing& outgoing) const {
  if (outgoing.raw) return outgoing.topic == dead_letter_topic;
  return writable_.contains(without_realm(outgoing.topic));
}

std::vector<Outgoing> OutboxRelay::find_stranded(std::size_t most) {
  std::vector<Outgoing> rows;
  for (const auto row : session().execute(
           sql::find_stranded_rows,
           Parameters{}.add(std::vector<std::string>(writable_.begin(), writable_.end())).add(static_cast<std::int64_t>(most)))) {
    auto outgoing = read_outbox_row(row);
    if (!outgoing || !may_publish(*outgoing)) {
      refused_.add();
      telemetry_.log.error("relay_refused",
                           {{"schema", schema_}, {"topic", row.get<std::string>(1)}, {"id", row.get<base::Uuid>(0).str()}});
      continue;
    }
    set_source(*outgoing, schema_);
    rows.push_back(std::move(*outgoing));
  }
  return rows;
}

std::size_t OutboxRelay::relay_once(std::size_t most) {
  if (!hold_lock()) return 0;
  oldest_.set(session().execute(sql::find_outbox_age)[0].get<double>(1));
  const auto rows = find_stranded(most);
  if (rows.empty()) return 0;
  const auto confirmed = publish(rows);
  if (!confirmed.empty()) session().execute(sql::delete_outbox, Parameters{}.add(confirmed));
  relayed_.add(static_cast<double>(confirmed.size()));
  telemetry_.log.info("outbox_relayed", {{"schema", schema_}, {"messages", confirmed.size()}});
  return confirmed.size();
}

std::vector<base::Uuid> OutboxRelay::publish(const std::vector<Outgoing>& rows) {
  if (!producer_) producer_ = broker_.make_producer();
  std::vector<base::Uuid> confirmed;
  const auto deadline = clock_.steady() + confirmation_deadline;
  std::size_t offered = 0, answered = 0;
  while (answered < rows.size() && clock_.steady() < deadline) {
    while (offered < rows.size() && producer_->offer(to_record(rows[offered], offered))) ++offered;
    for (const auto& receipt : producer_->receipts(std::chrono::milliseconds{50})) {
      ++answered;
      if (receipt.good)
        confirmed.push_back(rows[receipt.token].id);
      else
        telemetry_.log.warning("relay_publish_failed", {{"schema", schema_}, {"error", receipt.error}});
    }
  }
  // What is not answered may come later, under tokens that mean other rows by then: start over with a new producer.
  if (answered < rows.size()) producer_.reset();
  return confirmed;
}

}  // namespace countersign::pipeline
