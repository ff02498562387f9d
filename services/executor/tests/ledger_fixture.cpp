#include "executor/tests/ledger_fixture.hpp"

#include <chrono>
#include <fstream>

#include "contracts/canonical_json.hpp"
#include "crypto/digest.hpp"
#include "executor/locking.hpp"

namespace countersign::executor::testing {

namespace {

ApprovalKeys keys_that_trust(const crypto::SigningKey& countersigner) {
  ApprovalKeys keys{{"executor-test", crypto::make_ed25519_key_pair()}, {}, "test"};
  EXPECT_TRUE(keys.anchors.add(countersigner.kid, countersigner.pair.public_key));
  return keys;
}

}  // namespace

// ---- Life

Life::Life(messaging::Broker& broker, const postgres::ConnectionSettings& settings, const std::filesystem::path& secret_files,
           const crypto::SigningKey& countersigner, base::Clock& the_clock, const std::string& instance)
    : database(settings),
      clock(the_clock),
      ids(clock),
      incarnation(database, instance, ids, clock, {log, metrics}),
      publisher(broker, database, incarnation, clock, {log, metrics}),
      documents({"tenant", "realm", "constant", "tool", "template", "policy", "floor"}),
      configuration(documents, database, clock, {log, metrics}),
      secrets(secret_files, clock),
      settler(conductor),
      caller(database, secrets, clock, ended, {log, metrics}, {.reach = http::AddressScope::public_and_loopback}),
      approval_side(countersigner),
      keys(keys_that_trust(countersigner)),
      requester(keys, conductor, {log, metrics}),
      claims(parts(), conductor, requester, caller),
      claimer(parts(), store, claims, configuration, caller.slots(), claimable),
      previewer(parts(), store, conductor, requester, configuration, secrets, to_look, claimable,
                {.first_pause = std::chrono::milliseconds{0}, .reach = http::AddressScope::public_and_loopback}),
      verdicts(store, conductor, keys, claimable, to_look, {log, metrics}),
      turns_of_results(claims, configuration, caller.slots(), claimable),
      recorder(parts(), store, settler, caller, ended, claimable, &turns_of_results),
      recorder_alone(parts(), store, settler, caller, ended, claimable),
      reaper(parts(), store, settler, configuration, claimable),
      reconciler(parts(), store, settler, configuration, secrets, claimable, {.reach = http::AddressScope::public_and_loopback}),
      desk(parts(), "desk") {
  configuration.refresh_once();
}

// ---- LedgerTest

LedgerTest::LedgerTest() {
  secret_files = std::filesystem::temp_directory_path() / ("ledger-secrets-" + database.name());
  std::filesystem::create_directories(secret_files);
  std::ofstream(secret_files / "orders-token") << "s3cr3t-order-token\n";
  install_shop();
  life_ = another_life("executor-0");
}

LedgerTest::~LedgerTest() {
  life_.reset();
  std::filesystem::remove_all(secret_files);
}

std::unique_ptr<Life> LedgerTest::another_life(const std::string& instance) {
  return std::make_unique<Life>(broker, schema::settings_as(database, "executor"), secret_files, approval_side, clock, instance);
}

json LedgerTest::lookup_manifest() const {
  return {{"kind", "tool"},
          {"tenant", "acme"},
          {"name", "lookup_order"},
          {"version", 1},
          {"owner", "orders team"},
          {"description", "Reads an order."},
          {"class", "read"},
          {"arguments",
           {{"type", "object"},
            {"properties", {{"order_id", {{"type", "string"}, {"minLength", 1}, {"maxLength", 64}}}}},
            {"required", {"order_id"}},
            {"additionalProperties", false}}},
          {"origins", {{"/order_id", {"system_of_record", "verified_field"}}}},
          {"target", {"/order_id"}},
          {"timeout_ms", 2000},
          {"retry", {{"attempts", 2}, {"first_ms", 1}, {"most_ms", 2}}},
          {"connector",
           {{"kind", "http"},
            {"method", "GET"},
            {"url", orders.url("/orders/{order_id}")},
            {"headers", {{"Authorization", {{"secret", "orders-token"}}}}},
            {"allow_loopback", true}}},
          {"result", {{"trusted", {"/customer_id", "/captured"}}, {"redact", {"/iban"}}, {"max_bytes", 4096}}},
          {"wording", {{"done", "looked up"}, {"refused", "not found"}, {"unknown", "unknown"}}}};
}

json LedgerTest::refund_manifest() const {
  return {
      {"kind", "tool"},
      {"tenant", "acme"},
      {"name", "issue_refund"},
      {"version", 1},
      {"owner", "payments team"},
      {"description", "Returns money for an order."},
      {"class", "money"},
      {"arguments",
       {{"type", "object"},
        {"properties",
         {{"order_id", {{"type", "string"}, {"minLength", 1}, {"maxLength", 64}}},
          {"amount",
           {{"type", "object"},
            {"properties", {{"minor", {{"type", "string"}}}, {"currency", {{"type", "string"}}}}},
            {"required", {"minor", "currency"}},
            {"additionalProperties", false}}}}},
        {"required", {"order_id", "amount"}},
        {"additionalProperties", false}}},
      {"origins", {{"/order_id", {"system_of_record", "verified_field"}}, {"/amount", {"system_of_record", "verified_field", "constant"}}}},
      {"amount", "/amount"},
      {"target", {"/order_id"}},
      {"operation", {{"name", "refund"}, {"key", {"/order_id"}}, {"window_days", 30}}},
      {"timeout_ms", 2000},
      {"retry", {{"attempts", 3}, {"first_ms", 1}, {"most_ms", 2}}},
      {"idempotency", "key_header"},
      {"key_header", "Idempotency-Key"},
      {"connector",
       {{"kind", "http"},
        {"method", "POST"},
        {"url", orders.url("/orders/{order_id}/refunds")},
        {"headers", {{"Authorization", {{"secret", "orders-token"}}}}},
        {"body", {{"amount", "/amount"}}},
        {"allow_loopback", true}}},
      {"success", {{"status", {200, 201}}}},
      {"result", {{"trusted", {"/refund_id"}}, {"redact", json::array()}, {"max_bytes", 4096}}},
      {"reconcile",
       {{"url", orders.url("/refunds?key={idempotency_key}")}, {"done_when", "/refunds/0/id"}, {"settle_ms", 5000}, {"limit_ms", 600000}}},
      {"wording", {{"done", "refunded"}, {"refused", "not refunded"}, {"unknown", "unknown"}}}};
}

void LedgerTest::install(const json& document) {
  const std::string kind = document.at("kind"), name = document.at("name");
  const std::string tenant = document.value("tenant", "*");
  const auto digest = crypto::sha256(*contracts::canonical_json(document)).hex();
  const auto parameters = postgres::Parameters{}
                              .add(tenant)
                              .add(kind)
                              .add(name)
                              .add(document.at("version").get<std::int64_t>())
                              .add(document.dump())
                              .add(digest);
  postgres::Transaction transaction{*admin};
  transaction.queue({"install",
                     "INSERT INTO core.document (tenant_id, kind, name, version, body, digest) "
                     "VALUES ($1::text, $2::text, $3::text, $4::bigint, $5::text::jsonb, $6::text)"},
                    parameters);
  transaction.queue({"activate",
                     "INSERT INTO core.activation (tenant_id, kind, name, version) VALUES ($1::text, $2::text, $3::text, "
                     "$4::bigint) ON CONFLICT (tenant_id, kind, name) DO UPDATE SET version = excluded.version"},
                    postgres::Parameters{}.add(tenant).add(kind).add(name).add(document.at("version").get<std::int64_t>()));
  transaction.queue({"move", "UPDATE core.configuration SET revision = revision + 1"});
  transaction.commit();
}

void LedgerTest::install_shop() {
  install({{"kind", "tenant"}, {"name", "acme"}, {"version", 1}, {"display_name", "Acme"}});
  install({{"kind", "realm"},
           {"name", "main"},
           {"version", 1},
           {"tenants", {"acme"}},
           {"trust", {{"requester", "authenticated"}, {"verified_fields", {"/fields/order_id"}}}}});
  install(
      {{"kind", "constant"}, {"tenant", "acme"}, {"name", "gesture"}, {"version", 1}, {"value", {{"minor", "500"}, {"currency", "EUR"}}}});
  install(lookup_manifest());
  install(refund_manifest());
  const json owner = {{"evidence", {{"tool", "lookup_order"}, {"where", {{"/order_id", "/order_id"}}}}}, {"pointer", "/customer_id"}};
  const json requester = {{"fact", "requester.id"}};
  const json limit = {{"money", {{"minor", "50000"}, {"currency", "EUR"}}}};
  const auto rule = [](const char* id, const char* tool, const json& when, const char* effect) {
    return json{{"id", id}, {"sentence", id}, {"citation", "handbook"}, {"tools", {tool}}, {"when", when}, {"effect", effect}};
  };
  install({{"kind", "policy"},
           {"tenant", "acme"},
           {"name", "refunds"},
           {"version", 1},
           {"rules",
            {rule("reads", "lookup_order", {{"always", true}}, "allow"),
             rule("own_orders", "issue_refund", {{"eq", {owner, requester}}}, "allow"),
             rule("others_orders", "issue_refund", {{"ne", {owner, requester}}}, "deny"),
             rule("large", "issue_refund", {{"gt", {{{"fact", "amount"}}, limit}}}, "escalate")}}});
}

json LedgerTest::lookup_step() {
  return {{"name", "order"}, {"tool", "lookup_order"}, {"arguments", {{"order_id", {{"$from", "ticket:/fields/order_id"}}}}}};
}

json LedgerTest::refund_step() {
  return {{"name", "refund"},
          {"tool", "issue_refund"},
          {"arguments", {{"order_id", {{"$from", "ticket:/fields/order_id"}}}, {"amount", {{"$from", "evidence:order#/captured"}}}}}};
}

void LedgerTest::change(const std::string& ticket, const std::function<void(TicketCase&, pipeline::Batch&)>& change) {
  const auto request = locking({"acme/" + ticket});
  life().desk.run(request, [&](pipeline::Batch& batch) {
    auto cases = life().store.load(batch, request.keys);
    change(cases.at(request.keys.front()), batch);
    life().store.save(batch, cases);
  });
}

void LedgerTest::open(const std::string& ticket, const json& steps, const std::string& order) {
  contracts::PlanProposed plan;
  std::vector<domain::RiskClass> risks;
  for (const auto& step : steps) {
    plan.steps.push_back({step.at("name"), step.at("tool"), contracts::Json(step.at("arguments"))});
    risks.push_back(plan.steps.back().tool == "lookup_order" ? domain::RiskClass::read : domain::RiskClass::money);
  }
  plan.agent = {"refunder", 1};
  plan.close = contracts::ProposedClose{.stop_reason = "resolved", .reason = {}, .resolution = {}};
  change(ticket, [&](TicketCase& one, pipeline::Batch& batch) {
    open_run(one, order, batch);
    life().conductor.accept_plan(one, plan, risks, batch);
  });
}

void LedgerTest::open_without_plan(const std::string& ticket, const std::string& order) {
  change(ticket, [&](TicketCase& one, pipeline::Batch& batch) { open_run(one, order, batch); });
}

void LedgerTest::open_run(TicketCase& one, const std::string& order, pipeline::Batch& batch) {
  one.ticket.version = 1;
  one.ticket.status = TicketStatus::open;
  one.ticket.realm = "main";
  one.ticket.requester = contracts::Json(json{{"id", "cust-1"}});
  one.ticket.authenticated = true;
  one.ticket.text = "please refund";
  one.ticket.fields = contracts::Json(json{{"order_id", order}});
  one.ticket_changed = one.facts_changed = true;
  life().conductor.open_run(one, batch);
}

bool LedgerTest::turn() {
  const std::size_t claimed = life().claimer.claim_once();
  const std::size_t called = life().caller.call_once(std::chrono::milliseconds{20});
  const std::size_t recorded = (claims_alone ? life().recorder_alone : life().recorder).record_once();
  const std::size_t looked = life().previewer.look_once();
  return claimed + called + recorded + looked > 0;
}

void LedgerTest::run_until(const std::function<bool()>& condition) {
  const auto deadline = clock.steady() + std::chrono::seconds{10};
  while (!condition()) {
    ASSERT_LT(clock.steady(), deadline) << "it did not happen";
    turn();
  }
}

void LedgerTest::run_to_end() {
  run_until([this] {
    return life().caller.idle() && number("SELECT count(*) FROM executor.step WHERE state = 'claimed' OR (state = 'ready' AND turn)") == 0;
  });
}

std::string LedgerTest::word(const std::string& select) {
  const auto rows = admin->execute({"word", select.c_str()});
  return rows.empty() || rows[0].null(0) ? "" : rows[0].get<std::string>(0);
}

std::int64_t LedgerTest::number(const std::string& select) { return admin->execute({"number", select.c_str()})[0].get<std::int64_t>(0); }

std::string LedgerTest::step_state(const std::string& ticket, int step) {
  return word("SELECT state FROM executor.step WHERE ticket_id = '" + ticket + "' AND step = " + std::to_string(step));
}

std::string LedgerTest::step_codes(const std::string& ticket, int step) {
  return word("SELECT array_to_string(codes, ' ') FROM executor.step WHERE ticket_id = '" + ticket +
              "' AND step = " + std::to_string(step));
}

std::string LedgerTest::effect_state(const std::string& ticket, int step) {
  return word("SELECT state FROM executor.effect WHERE ticket_id = '" + ticket + "' AND step = " + std::to_string(step));
}

std::string LedgerTest::run_state(const std::string& ticket) {
  return word("SELECT state || coalesce(' ' || stop_reason, '') FROM executor.run WHERE ticket_id = '" + ticket + "' ORDER BY run DESC");
}

void LedgerTest::let_leases_end() {
  admin->execute_script("UPDATE executor.step SET lease_until = now() - interval '1 second' WHERE state = 'claimed'");
}

void LedgerTest::let_looks_be_due(const std::string& unknown_for) {
  admin->execute_script("UPDATE executor.effect SET look_at = now(), unknown_since = now() - interval '" + unknown_for +
                        "' WHERE state = 'unknown'");
}

}  // namespace countersign::executor::testing
