#include "sandbox/control_plane.hpp"

#include <charconv>
#include <nlohmann/json.hpp>

#include "sandbox/render.hpp"
#include "sandbox/seed.hpp"

namespace countersign::sandbox {
namespace {

using nlohmann::json;

Answer done(int status = 204, std::string body = {}) { return {status, std::move(body), "application/json", {}}; }

std::optional<std::uint64_t> read_number(const std::string& text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// What the fleet must never cause: keys and webhook ids seen more than once.
template <typename Count>
json repeated(const auto& by_name, Count count) {
  json out = json::object();
  for (const auto& [name, entry] : by_name)
    if (count(entry) > 1) out[name] = count(entry);
  return out;
}

// {"honour_keys":…} concerns the tenant of "match", or all of them.
base::Result<void> set_honouring(const json& body, Sandbox& sandbox) {
  const auto honour = body.find("honour_keys");
  if (honour == body.end()) return {};
  if (!honour->is_boolean()) return base::refuse("malformed_body", "honour_keys is true or false");
  const json::json_pointer tenant{"/match/tenant"};
  if (body.contains(tenant) && body.at(tenant).is_string())
    sandbox.honour_keys(body.at(tenant).get<std::string>(), honour->get<bool>());
  else
    sandbox.honour_keys(honour->get<bool>());
  return {};
}

// {"refunded": Money, "status": text}, each optional.
base::Result<void> change_order(const std::string& id, const json& set, OrderBook& book) {
  OrderBook::Change change;
  if (set.contains("refunded")) {
    const auto refunded = read_money(set, "refunded");
    if (!refunded) return tl::unexpected(refunded.error());
    change.refunded_minor = refunded->minor;
  }
  if (set.contains("status")) {
    auto status = read_string(set, "status");
    if (!status) return tl::unexpected(status.error());
    change.status = *std::move(status);
  }
  return book.change(id, change);
}

base::Result<void> change_something(const json& body, Sandbox& sandbox) {
  const auto tenant = read_string(body, "tenant"), collection = read_string(body, "collection"), id = read_string(body, "id");
  if (!tenant || !collection || !id || !body.contains("set") || !body["set"].is_object())
    return base::refuse("malformed_body", "a change has tenant, collection, id and set");
  if (!sandbox.tenants().contains(*tenant)) return base::refuse("unknown_tenant", "there is no tenant " + *tenant);
  auto& books = sandbox.open_tenant(*tenant);
  return *collection == "orders" ? change_order(*id, body["set"], books.orders) : books.records.change(*collection, *id, body["set"]);
}

json effects_summary(const Sandbox& sandbox) {
  std::uint64_t total = 0, replays = 0;
  json repeated_keys = json::object();
  for (const auto& [kind, count] : sandbox.effects_by_kind()) total += count;
  for (const auto& [name, tenant] : sandbox.tenants()) {
    for (const auto& [key, use] : tenant.keys.uses()) replays += use.replays;
    auto own = repeated(tenant.keys.uses(), [](const KeyUse& use) { return use.executions; });
    if (!own.empty()) repeated_keys[name] = std::move(own);
  }
  return {{"total", total}, {"by_kind", sandbox.effects_by_kind()}, {"replays", replays}, {"repeated_keys", std::move(repeated_keys)}};
}

json webhooks_summary(const WebhookSink& sink, bool by_id) {
  json out{{"received", sink.received()},
           {"invalid_signatures", sink.invalid()},
           {"distinct_ids", sink.receipts_by_id().size()},
           {"repeated_ids", repeated(sink.receipts_by_id(), [](std::uint32_t count) { return count; })}};
  if (by_id) out["by_id"] = sink.receipts_by_id();
  return out;
}

}  // namespace

Answer ControlPlane::answer(const Request& request) {
  const auto is = [&](std::string_view method, std::string_view rest) { return request.method == method && request.rest == rest; };
  if (is("POST", "/behaviour")) return add_behaviour(request);
  if (is("DELETE", "/behaviour")) return remove_behaviour(request);
  if (is("POST", "/random_seed")) return seed_dice(request);
  if (is("POST", "/change")) return change(request);
  if (is("GET", "/journal")) return journal_page(request);
  if (is("GET", "/summary")) return summary(request);
  if (!is("POST", "/seed")) return problem(404, {"not_found", "the control plane has no " + std::string(request.path)});
  const auto added = add_seed(request.body, sandbox_);
  return added ? done() : problem(400, added.error());
}

Answer ControlPlane::add_behaviour(const Request& request) {
  const auto body = read_object(request.body);
  if (!body) return problem(400, body.error());
  if (const auto set = set_honouring(*body, sandbox_); !set) return problem(400, set.error());
  if (body->contains("honour_keys") && !body->contains("what")) return done();
  auto rule = read_misbehaviour(request.body);
  if (!rule) return problem(400, rule.error());
  return done(201, to_text({{"id", misbehaviours_.add(*std::move(rule))}}));
}

Answer ControlPlane::remove_behaviour(const Request& request) {
  if (const auto id = request.find_query("id")) {
    const auto number = read_number(*id);
    return number && misbehaviours_.remove(*number) ? done() : problem(404, {"not_found", "there is no behaviour " + *id});
  }
  misbehaviours_.clear();
  sandbox_.honour_all_keys();
  return done();
}

// Behind the fleet's back: no effect, and no line of the journal.
Answer ControlPlane::change(const Request& request) {
  const auto body = read_object(request.body);
  if (!body) return problem(400, body.error());
  const auto changed = change_something(*body, sandbox_);
  return changed ? done() : problem(changed.error().code == "malformed_body" ? 400 : 422, changed.error());
}

Answer ControlPlane::seed_dice(const Request& request) {
  const auto body = read_object(request.body);
  if (!body) return problem(400, body.error());
  const auto seed = body->find("seed");
  if (seed == body->end() || !seed->is_number_unsigned()) return problem(400, {"malformed_body", "seed is a whole number"});
  misbehaviours_.seed(seed->get<std::uint64_t>());
  return done();
}

Answer ControlPlane::journal_page(const Request& request) {
  const auto after = read_number(request.find_query("after").value_or("0"));
  const auto limit = read_number(request.find_query("limit").value_or("10000"));
  if (!after || !limit) return problem(400, {"malformed_query", "after and limit are whole numbers"});
  return done(200, R"({"last":)" + std::to_string(journal_.last()) + R"(,"entries":[)" + journal_.page(*after, *limit) + "]}");
}

Answer ControlPlane::summary(const Request& request) {
  const bool by_id = request.find_query("by_id") == "true";
  return done(200, to_text({{"effects", effects_summary(sandbox_)},
                            {"webhooks", webhooks_summary(sandbox_.sink(), by_id)},
                            {"journal", {{"last", journal_.last()}}}}));
}

}  // namespace countersign::sandbox
