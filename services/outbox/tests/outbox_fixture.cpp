#include "outbox/tests/outbox_fixture.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "catalog/document_applier.hpp"
#include "contracts/codec.hpp"
#include "outbox/territory.hpp"
#include "schema/testing/fleet_database.hpp"

namespace countersign::outbox::testing {

namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

pipeline::CoreSettings core_settings(const postgres::ConnectionSettings& database, const std::string& instance) {
  pipeline::CoreSettings settings;
  settings.database = database;
  settings.instance = instance;
  return settings;
}

void write(const fs::path& file, const std::string& text) { std::ofstream(file) << text; }

std::string endpoint_document(const EndpointWish& wish) {
  return R"({"kind":"endpoint","tenant":")" + wish.tenant + R"(","name":")" + wish.name + R"(","version":)" + std::to_string(wish.version) +
         R"(,"url":")" + wish.url + R"(","types":)" + wish.types + R"(,"secrets":)" + wish.secrets + R"(,"timeout_ms":)" +
         std::to_string(wish.timeout_ms) + R"(,"schedule_ms":)" + wish.schedule_ms + R"(,"order":")" +
         (wish.ordered ? "ordered" : "unordered") + R"(","enabled":true})";
}

std::string tenant_document(const std::string& name) {
  return R"({"kind":"tenant","name":")" + name + R"(","version":1,"display_name":")" + name + R"("})";
}

}  // namespace

Life::Life(messaging::MemoryBroker& broker, const postgres::ConnectionSettings& settings, base::Clock& clock, const OutboxOptions& options,
           const std::string& instance)
    : log("outbox", instance, telemetry::Level::error),
      core(broker, territory(), core_settings(settings, instance), clock, {log, metrics},
           [](const std::string&, bool, const std::string&) {}),
      service(core, broker, options) {}

http::Response answer_of(int status, std::string body, base::Headers headers) {
  http::Response response;
  response.status = status;
  response.body = std::move(body);
  response.headers = std::move(headers);
  return response;
}

Receiver::Receiver(Answer answer) : answer_(std::move(answer)) {
  http::Router router;
  const auto take = [this](const http::Request& request) {
    std::lock_guard lock(mutex_);
    received_.push_back(request);
    return answer_(request);
  };
  router.on("POST", "/{anything}", take).on("GET", "/{anything}", take);
  server_ = std::make_unique<http::Server>(http::ServerOptions{}, std::move(router), telemetry::Telemetry{log_, metrics_});
}

std::vector<http::Request> Receiver::received() const {
  std::lock_guard lock(mutex_);
  return received_;
}

void Receiver::answer_with(int status, base::Headers headers) {
  std::lock_guard lock(mutex_);
  answer_ = [status, headers](const http::Request&) { return answer_of(status, {}, headers); };
}

OutboxTest::OutboxTest() : database(schema::fleet_blueprint()) {
  for (const auto* topic : {"outcomes", "messages", "dead-letters", "delivery-results"}) broker.create_topic(topic, 2);
  std::string pattern = (fs::temp_directory_path() / "countersign-outbox-XXXXXX").string();
  directory = mkdtemp(pattern.data());
  fs::create_directory(directory + "/secrets");
  fs::create_directory(directory + "/documents");
  write_secret("hook-secret", secret);
  options.secrets_dir = directory + "/secrets";
  options.sender.allow_loopback = true;
}

OutboxTest::~OutboxTest() { fs::remove_all(directory); }

std::unique_ptr<Life> OutboxTest::start(const std::string& instance) {
  auto life = std::make_unique<Life>(broker, schema::settings_as(database, "outbox"), clock, options, instance);
  refresh(*life);
  return life;
}

void OutboxTest::configure(const std::vector<EndpointWish>& endpoints) {
  const fs::path documents = directory + "/documents";
  write(documents / "acme.json", tenant_document("acme"));
  write(documents / "bolt.json", tenant_document("bolt"));
  write(
      documents / "main.json",
      R"({"kind":"realm","name":"main","version":1,"tenants":["acme","bolt"],"trust":{"requester":"authenticated","verified_fields":[]}})");
  for (const auto& wish : endpoints) write(documents / (wish.tenant + "-" + wish.name + ".json"), endpoint_document(wish));
  const auto applied = catalog::DocumentApplier{*admin}.apply(documents);
  ASSERT_TRUE(applied) << applied.error().detail;
}

void OutboxTest::refresh(Life& life) { life.service.refresh_once(*life.core.pool().borrow()); }

void OutboxTest::write_secret(const std::string& name, const std::string& value) { write(directory + "/secrets/" + name, value + "\n"); }

void OutboxTest::remove_secret(const std::string& name) { fs::remove(directory + "/secrets/" + name); }

std::string OutboxTest::announce(const std::string& ticket, const std::string& stop_reason, const std::string& tenant,
                                 const std::string& id) {
  contracts::Outcome outcome;
  outcome.tenant = tenant;
  outcome.ticket_id = ticket;
  outcome.run = 1;
  outcome.ticket_version = 1;
  outcome.stop_reason = stop_reason;
  const std::string key = tenant + "/" + ticket;
  contracts::Envelope envelope;
  envelope.id = id.empty() ? "message-" + std::to_string(++serial_) : id;
  envelope.source = "urn:countersign:executor";
  envelope.type = contracts::type_of(contracts::Event{outcome});
  envelope.subject = ticket;
  envelope.time = "2026-05-01T10:00:00Z";
  envelope.tenant = tenant;
  envelope.partition_key = key;
  envelope.sequence = ++sequences_[key];
  broker.append({.topic = "outcomes", .key = key, .value = contracts::encode(outcome), .headers = contracts::to_headers(envelope)});
  ++announced_;
  return envelope.id;
}

void OutboxTest::intake(Life& life) {
  for (int turn = 0; turn < 200 && announced_ > 0; ++turn) announced_ -= std::min(announced_, life.service.stage().run_once(10ms));
  ASSERT_EQ(announced_, 0U);
}

std::size_t OutboxTest::under_way(Life& life) {
  std::size_t calls = 0;
  for (const auto& [target, count] : life.service.sender().load().under_way) calls += count;
  return calls;
}

std::size_t OutboxTest::send(Life& life) {
  life.service.claimer().claim_once();
  const std::size_t claimed = under_way(life);
  std::size_t ended = 0;
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (ended < claimed && std::chrono::steady_clock::now() < deadline) ended += life.service.sender().send_once(100ms);
  EXPECT_EQ(ended, claimed);
  return claimed;
}

std::size_t OutboxTest::deliver(Life& life) {
  const std::size_t calls = send(life);
  EXPECT_EQ(life.service.recorder().record_once(), calls);
  return calls;
}

void OutboxTest::let_time_pass() {
  admin->execute_script(
      "UPDATE outbox.delivery SET due_at = now() - interval '1 second' WHERE state = 'ready';"
      "UPDATE outbox.endpoint_state SET not_before = now() - interval '1 second' WHERE not_before IS NOT NULL");
}

std::string OutboxTest::text(const std::string& select) {
  return admin->execute(postgres::Statement{"", select.c_str()})[0].get<std::optional<std::string>>(0).value_or("NULL");
}

std::int64_t OutboxTest::number(const std::string& select) {
  return admin->execute(postgres::Statement{"", select.c_str()})[0].get<std::int64_t>(0);
}

std::string header_of(const http::Request& request, const std::string& name) { return std::string(request.header(name).value_or("")); }

}  // namespace countersign::outbox::testing
