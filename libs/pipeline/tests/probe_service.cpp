#include "pipeline/tests/probe_service.hpp"

namespace countersign::pipeline::testing {

using postgres::Parameters;
using postgres::Statement;

const Territory probe_territory{"probe", source_of("probe"), {"probes"}, {"echoes"}};

namespace {

constexpr Statement insert_applied{"insert_applied",
                                   "INSERT INTO applied (key, sequence, log_offset, data, refused) "
                                   "SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::boolean[])"};

const char* probe_tables = R"sql(
CREATE TABLE probe.applied (at bigint GENERATED ALWAYS AS IDENTITY, key text, sequence bigint, log_offset bigint, data text, refused boolean,
                            CHECK (data <> 'not for a table'));
GRANT SELECT, INSERT ON probe.applied TO countersign_probe;
INSERT INTO probe.topic_slot (direction, slot, topic) VALUES ('input', 1, 'probes'), ('output', 1, 'echoes');
)sql";

void replace_all(std::string& text, const std::string& what, const std::string& with) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

}  // namespace

postgres::testing::Blueprint probe_blueprint() {
  postgres::testing::Blueprint blueprint;
  blueprint.name = "probe";
  blueprint.before = [](postgres::Session& session) {
    session.execute_script(
        "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'countersign_service') THEN CREATE ROLE countersign_service "
        "NOLOGIN; "
        "END IF; END $$");
    for (const auto* role : {"countersign_probe", "countersign_relay"}) {
      postgres::ensure_login_role(session, role, base::Secret{"probe"});
      session.execute_script(std::string("GRANT countersign_service TO ") + role);
    }
  };
  const auto append = [&](std::vector<postgres::Migration> migrations) {
    for (auto& migration : migrations) {
      replace_all(migration.sql, "{{schema}}", "probe");
      replace_all(migration.sql, "{{role}}", "countersign_probe");
      replace_all(migration.sql, "{{relay_role}}", "countersign_relay");
      blueprint.migrations.push_back(migration);
    }
  };
  append(postgres::migrations());
  append(audit::migrations());
  append(pipeline::migrations());
  blueprint.after = [](postgres::Session& session) { session.execute_script(probe_tables); };
  return blueprint;
}

base::Result<std::any> ProbeHandler::decode(const contracts::Envelope&, std::string_view data, std::string_view) const {
  if (data == "gibberish") return base::refuse("gibberish", "not a probe");
  return std::any(std::string(data));
}

void ProbeHandler::apply(Batch& batch) {
  std::vector<std::string> keys, texts;
  std::vector<std::int64_t> sequences, offsets;
  std::vector<bool> refused;
  for (const auto& [key, arrivals] : batch.arrivals()) {
    for (const auto& arrival : arrivals) {
      if (on_arrival) on_arrival(arrival, batch);
      keys.push_back(key);
      sequences.push_back(contracts::find_sequence(arrival.message->headers).value_or(0));
      offsets.push_back(arrival.message->offset);
      texts.push_back(arrival.refusal ? arrival.refusal->code : std::any_cast<std::string>(arrival.body));
      refused.push_back(arrival.refusal.has_value());
      if (!echo || arrival.refusal) continue;
      Emission emission;
      emission.topic = "echoes";
      emission.key = key;
      emission.type = "probe.echoed";
      emission.tenant = "acme";
      emission.subject = key.substr(key.find('/') + 1);
      emission.data = texts.back();
      batch.emit(std::move(emission));
    }
  }
  batch.transaction().queue(insert_applied, Parameters{}.add(keys).add(sequences).add(offsets).add(texts).add(refused));
}

Publisher::Limits impatient() {
  Publisher::Limits limits;
  limits.idle_before_delete = std::chrono::milliseconds{20};
  limits.age_before_resend = std::chrono::milliseconds{100};
  return limits;
}

void end_session(Batch& batch) {
  constexpr Statement end{"end_session", "SELECT pg_terminate_backend(pg_backend_pid())"};
  batch.transaction().execute(end);
}

std::size_t rows_of(const Batch& batch) {
  std::size_t rows = 0;
  for (const auto& [key, arrivals] : batch.arrivals()) rows += arrivals.size();
  return rows;
}

Life::Life(messaging::Broker& broker, const postgres::ConnectionSettings& database, base::Clock& clock, ProbeHandler& handler,
           StageOptions options, const Publisher::Limits& limits, const std::string& instance)
    : log("probe", instance, telemetry::Level::error),
      ids(clock),
      incarnation(database, instance, ids, clock, {log, metrics}),
      publisher(broker, database, incarnation, clock, {log, metrics}, limits),
      stage(broker, CoreParts{probe_territory, incarnation, publisher, ids, clock, {log, metrics}, database}, handler, std::move(options)) {
}

ProbeTest::ProbeTest() {
  broker.create_topic("probes", 2);
  broker.create_topic("echoes", 2);
  broker.create_topic("dead-letters", 1);
}

StageOptions ProbeTest::options(bool sequenced) const {
  StageOptions options;
  options.topic = "probes";
  options.topics = {"probes"};
  options.sequenced = sequenced;
  options.retake_after = std::chrono::milliseconds{0};
  options.recheck_after = std::chrono::milliseconds{0};
  return options;
}

postgres::ConnectionSettings ProbeTest::settings() const {
  auto settings = database.settings_of("countersign_probe", "probe");
  settings.search_path = "probe";
  settings.statement_timeout = statement_timeout;
  return settings;
}

std::unique_ptr<Life> ProbeTest::start_with(const StageOptions& wish, const std::string& instance, const std::string& conninfo) {
  auto connection = settings();
  if (!conninfo.empty()) connection.conninfo = conninfo;
  return std::make_unique<Life>(tripping, connection, clock, handler, wish, limits, instance);
}

messaging::Message ProbeTest::send(const std::string& key, std::int64_t sequence, const std::string& type, const std::string& data) {
  static int serial = 0;
  messaging::Record record;
  record.topic = "probes";
  record.key = key;
  record.value = data;
  record.headers = {{"content-type", "application/json"},
                    {"ce_specversion", "1.0"},
                    {"ce_id", "m" + std::to_string(++serial)},
                    {"ce_source", "urn:test"},
                    {"ce_type", type}};
  if (sequence > 0) record.headers.emplace_back("ce_sequence", std::to_string(sequence));
  return broker.append(record);
}

std::size_t ProbeTest::run(Life& life, std::size_t messages) {
  std::size_t committed = 0;
  for (int turn = 0; turn < 100 && committed < messages; ++turn) committed += life.stage.run_once(std::chrono::milliseconds{10});
  return committed;
}

void ProbeTest::settle(Life& life) { EXPECT_TRUE(life.publisher.flush(std::chrono::seconds{5})); }

std::int64_t ProbeTest::number(const std::string& select) {
  const Statement statement{"", select.c_str()};
  return admin->execute(statement)[0].get<std::int64_t>(0);
}

std::int64_t ProbeTest::count(const std::string& from) { return number("SELECT count(*) FROM probe." + from); }

std::string ProbeTest::applied(const std::string& key) {
  const std::string select =
      "SELECT coalesce(string_agg(sequence::text, ' ' ORDER BY at), '') FROM probe.applied WHERE NOT refused AND key = '" + key + "'";
  return admin->execute(Statement{"", select.c_str()})[0].get<std::string>(0);
}

std::string ProbeTest::applied_data(const std::string& key) {
  const std::string select = "SELECT coalesce(string_agg(data, ' ' ORDER BY at), '') FROM probe.applied WHERE key = '" + key + "'";
  return admin->execute(Statement{"", select.c_str()})[0].get<std::string>(0);
}

std::string ProbeTest::dead() {
  constexpr Statement select{"",
                             "SELECT coalesce(string_agg(log_offset || ':' || reason, ' ' ORDER BY topic, partition, log_offset), '') "
                             "FROM probe.dead_letter"};
  return admin->execute(select)[0].get<std::string>(0);
}

}  // namespace countersign::pipeline::testing
