#include "executor/tests/intake_fixture.hpp"

#include <algorithm>

#include "catalog/document.hpp"
#include "executor/run_messages.hpp"

namespace countersign::executor::testing {

using nlohmann::json;
using postgres::Parameters;

namespace {

json tenant(const std::string& name) { return {{"kind", "tenant"}, {"name", name}, {"version", 1}, {"display_name", name}}; }

json realm(const std::string& name, std::vector<std::string> tenants, const std::string& trust) {
  return {{"kind", "realm"},
          {"name", name},
          {"version", 1},
          {"tenants", std::move(tenants)},
          {"trust", {{"requester", trust}, {"verified_fields", {"/fields/order_id"}}}}};
}

json tool(const std::string& name, const std::string& risk, const std::string& method, const std::string& argument) {
  json manifest{
      {"kind", "tool"},
      {"tenant", "*"},
      {"name", name},
      {"version", 1},
      {"owner", "support"},
      {"description", "A tool for tests."},
      {"class", risk},
      {"arguments",
       {{"type", "object"},
        {"additionalProperties", false},
        {"required", {argument}},
        {"properties", {{argument, {{"type", "string"}, {"maxLength", 64}}}}}}},
      {"origins", {{"/" + argument, {"system_of_record", "verified_field", "constant", "customer_text", "tool_text", "model"}}}},
      {"target", {"/" + argument}},
      {"timeout_ms", 1000},
      {"retry", {{"attempts", 2}, {"first_ms", 10}, {"most_ms", 100}}},
      {"idempotency", "natural"},
      {"connector",
       {{"kind", "http"}, {"method", method}, {"url", "http://127.0.0.1:9/" + name + "/{" + argument + "}"}, {"allow_loopback", true}}},
      {"result", {{"trusted", json::array()}, {"redact", json::array()}, {"max_bytes", 4096}}},
      {"wording", {{"done", "Done."}, {"refused", "Not done."}, {"unknown", "Being checked."}}}};
  return manifest;
}

base::Headers headers_of(const std::string& type, const std::string& id, const std::string& source) {
  return {{"content-type", "application/json"}, {"ce_specversion", "1.0"}, {"ce_id", id}, {"ce_source", source}, {"ce_type", type}};
}

std::string new_id() {
  static int serial = 0;
  return "e" + std::to_string(++serial);
}

}  // namespace

json lookup(const std::string& name, const std::string& order) {
  return {{"name", name}, {"tool", "lookup_order"}, {"arguments", {{"order_id", order}}}};
}

json note(const std::string& name, const std::string& text) {
  return {{"name", name}, {"tool", "leave_note"}, {"arguments", {{"text", text}}}};
}

IntakeTest::IntakeTest() {
  for (const auto* topic : {"tickets", "tickets.side", "plans", "steps", "outcomes", "outcomes.side", "referrals"})
    broker.create_topic(topic, 2);
  broker.create_topic("dead-letters", 1);
  configure({tenant("acme"), tenant("globex"), realm("main", {"acme"}, "authenticated"), realm("side", {"acme", "globex"}, "unverified"),
             tool("lookup_order", "read", "GET", "order_id"), tool("leave_note", "reversible", "PUT", "text")});
  const auto options = [](const std::string& topic, std::vector<std::string> topics, bool sequenced) {
    pipeline::StageOptions made;
    made.topic = topic;
    made.topics = std::move(topics);
    made.sequenced = sequenced;
    return made;
  };
  ticket_stage = std::make_unique<pipeline::Stage>(broker, parts, ticket_intake, options("tickets", {"tickets", "tickets.side"}, false));
  plan_stage = std::make_unique<pipeline::Stage>(broker, parts, plan_intake, options("plans", {"plans"}, true));
}

void IntakeTest::configure(const std::vector<json>& documents) {
  constexpr postgres::Statement insert{
      "",
      "INSERT INTO core.document (tenant_id, kind, name, version, body, digest) VALUES ($1::text, $2::text, $3::text, $4::bigint, "
      "$5::text::jsonb, $6::text)"};
  constexpr postgres::Statement activate{
      "",
      "INSERT INTO core.activation (tenant_id, kind, name, version) VALUES ($1::text, $2::text, $3::text, "
      "$4::bigint) ON CONFLICT (tenant_id, kind, name) DO UPDATE SET version = excluded.version"};
  for (const auto& body : documents) {
    const auto document = catalog::read_document(body.dump());
    ASSERT_TRUE(document.has_value()) << body["name"] << ": " << document.error().detail;
    admin->execute(insert, Parameters{}
                               .add(document->tenant)
                               .add(document->kind)
                               .add(document->name)
                               .add(document->version)
                               .add(document->body.text())
                               .add(document->digest));
    admin->execute(activate, Parameters{}.add(document->tenant).add(document->kind).add(document->name).add(document->version));
  }
  admin->execute_script("UPDATE core.configuration SET revision = revision + 1");
  const auto refreshed = catalog.refresh(*admin);
  ASSERT_TRUE(refreshed.has_value()) << refreshed.error().detail;
}

void IntakeTest::tell(const std::string& type, const json& data, const std::string& id, const std::string& topic) {
  messaging::Record record;
  record.topic = topic;
  record.key = data.at("tenant").get<std::string>() + "/" + data.at("ticket_id").get<std::string>();
  record.value = data.dump();
  record.headers = headers_of(type, id.empty() ? new_id() : id, "urn:helpdesk");
  broker.append(record);
  ++tickets_sent_;
}

void IntakeTest::tell_raw(const std::string& key, const std::string& type, const std::string& bytes, const std::string& topic) {
  messaging::Record record;
  record.topic = topic;
  record.key = key;
  record.value = bytes;
  record.headers = headers_of(type, new_id(), "urn:helpdesk");
  broker.append(record);
  ++tickets_sent_;
}

void IntakeTest::open(const std::string& ticket, json fields, const std::string& id) {
  tell("ticket.opened",
       {{"tenant", "acme"},
        {"ticket_id", ticket},
        {"requester", {{"id", "c-1"}}},
        {"requester_authenticated", true},
        {"text", "Where is my order?"},
        {"fields", std::move(fields)}},
       id);
}

void IntakeTest::update(const std::string& ticket, json fields, const std::string& id) {
  tell("ticket.updated", {{"tenant", "acme"}, {"ticket_id", ticket}, {"fields", std::move(fields)}}, id);
}

void IntakeTest::add_message(const std::string& ticket, const std::string& words) {
  tell("ticket.message_added", {{"tenant", "acme"}, {"ticket_id", ticket}, {"author", {{"kind", "requester"}}}, {"text", words}});
}

void IntakeTest::close(const std::string& ticket) { tell("ticket.closed", {{"tenant", "acme"}, {"ticket_id", ticket}}); }

void IntakeTest::propose(const std::string& ticket, std::int64_t of_version, std::int64_t after, json proposed, json end) {
  json plan{{"tenant", "acme"},
            {"ticket_id", ticket},
            {"ticket_version", of_version},
            {"after", after},
            {"agent", {{"name", "desk"}, {"version", 1}}},
            {"steps", std::move(proposed)}};
  if (!end.is_null()) plan["close"] = std::move(end);
  send_plan("acme/" + ticket, plan.dump());
}

void IntakeTest::send_plan(const std::string& key, const std::string& bytes) {
  messaging::Record record;
  record.topic = "plans";
  record.key = key;
  record.value = bytes;
  record.headers = headers_of("plan.proposed", new_id(), "urn:countersign:planner");
  record.headers.emplace_back("ce_sequence", std::to_string(++plan_sequences_[key]));
  broker.append(record);
  ++plans_sent_;
}

void IntakeTest::take_tickets() {
  for (int turn = 0; turn < 200 && tickets_sent_ > 0; ++turn)
    tickets_sent_ -= std::min(tickets_sent_, ticket_stage->run_once(std::chrono::milliseconds{20}));
  ASSERT_EQ(tickets_sent_, 0U);
}

void IntakeTest::take_plans() {
  for (int turn = 0; turn < 200 && plans_sent_ > 0; ++turn)
    plans_sent_ -= std::min(plans_sent_, plan_stage->run_once(std::chrono::milliseconds{20}));
  ASSERT_EQ(plans_sent_, 0U);
}

std::vector<Heard> IntakeTest::heard(const std::string& topic, const std::string& ticket) {
  EXPECT_TRUE(publisher.flush(std::chrono::seconds{5}));
  std::vector<Heard> all;
  for (const auto& message : broker.messages(topic)) {
    if (message.key != "acme/" + ticket) continue;
    all.push_back({std::string(*base::find_header(message.headers, "ce_type")), *message.key,
                   contracts::find_sequence(message.headers).value_or(0), json::parse(*message.value)});
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.sequence < b.sequence; });
  return all;
}

std::string IntakeTest::heard_types(const std::string& topic, const std::string& ticket) {
  std::string types;
  for (const auto& one : heard(topic, ticket)) types += (types.empty() ? "" : " ") + one.type;
  return types;
}

void IntakeTest::in_batch(const std::string& ticket, const std::function<void(TicketCase&, pipeline::Batch&)>& action) {
  const std::vector<std::string> keys{"acme/" + ticket};
  runner.run({.group = {}, .ranges = {}, .keys = keys}, [&](pipeline::Batch& batch) {
    auto cases = store.load(batch, keys);
    action(cases.at(keys.front()), batch);
    store.save(batch, cases);
  });
}

void IntakeTest::claim(const std::string& ticket, std::int32_t run, std::int32_t number_of_step) {
  in_batch(ticket, [&](TicketCase& one, pipeline::Batch& batch) {
    Step& step = *one.find_step(run, number_of_step);
    step.lease_until = batch.now() + std::chrono::seconds{5};
    step.token = batch.ids().next();
    conductor.move_step(one, step, domain::StepEvent::claim, {}, batch);
    if (!domain::has_effect(step.risk)) return;
    Effect effect;
    effect.run = run;
    effect.step = number_of_step;
    effect.tool = step.tool;
    effect.tool_version = 1;
    effect.idempotency_key = run_label(one.ticket, run) + "/" + std::to_string(number_of_step);
    effect.arguments = contracts::Json::object();
    effect.created_at = batch.now();
    effect.fresh = true;
    one.effects.push_back(std::move(effect));
  });
}

void IntakeTest::succeed(const std::string& ticket, std::int32_t run, std::int32_t number_of_step, json result) {
  claim(ticket, run, number_of_step);
  in_batch(ticket, [&](TicketCase& one, pipeline::Batch& batch) {
    Step& step = *one.find_step(run, number_of_step);
    if (Effect* effect = one.find_effect(run, number_of_step))
      conductor.move_effect(one, *effect, domain::EffectEvent::succeed, {}, batch);
    else
      one.evidence.push_back({run, number_of_step, step.name, step.tool, 1, contracts::Json::object(), contracts::Json(result),
                              domain::Origin::model, batch.now(), true});
    conductor.move_step(one, step, domain::StepEvent::succeed, {}, batch);
    conductor.step_ended(one, step, contracts::Json(result), batch);
  });
}

std::int64_t IntakeTest::number(const std::string& select) {
  return admin->execute(postgres::Statement{"", select.c_str()})[0].get<std::int64_t>(0);
}

std::string IntakeTest::text(const std::string& select) {
  const auto rows = admin->execute(postgres::Statement{"", select.c_str()});
  return rows.empty() ? "" : rows[0].get<std::optional<std::string>>(0).value_or("");
}

std::string IntakeTest::runs(const std::string& ticket) {
  return text(
      "SELECT string_agg(run || ':' || state || ':' || version || coalesce(':' || stop_reason, ''), ' ' ORDER BY run) "
      "FROM executor.run WHERE ticket_id = '" +
      ticket + "'");
}

std::string IntakeTest::steps(const std::string& ticket) {
  return text(
      "SELECT string_agg(step || ':' || state || CASE WHEN turn THEN '*' ELSE '' END, ' ' ORDER BY run, step) "
      "FROM executor.step WHERE ticket_id = '" +
      ticket + "'");
}

std::int64_t IntakeTest::version(const std::string& ticket) {
  return number("SELECT coalesce((SELECT version FROM executor.ticket WHERE ticket_id = '" + ticket + "'), -1)");
}

std::string IntakeTest::dead() { return text("SELECT string_agg(reason, ' ' ORDER BY reason) FROM executor.dead_letter"); }

}  // namespace countersign::executor::testing
