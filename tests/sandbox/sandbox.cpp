#include "sandbox/sandbox.hpp"

#include <chrono>
#include <nlohmann/json.hpp>

#include "base/clock.hpp"
#include "sandbox/render.hpp"

namespace countersign::sandbox {
namespace {

using nlohmann::json;

Answer not_found(const Request& request) { return problem(404, {"not_found", "there is nothing at " + std::string(request.path)}); }

std::string now_text() { return base::to_rfc3339(std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now())); }

std::int64_t nanoseconds_of(auto now) { return std::chrono::nanoseconds(now.time_since_epoch()).count(); }

bool is_webhook(const Request& request) { return request.rest == "/webhooks" || request.rest.starts_with("/webhooks/"); }

bool is_refund_preview(const Request& request) {
  return request.rest.starts_with("/orders/") && request.rest.ends_with("/refund-previews");
}

// Which answer a refusal of the books gets: 400 is the caller's spelling, 422 is what the shop will not do.
Answer refused(const base::Refusal& why) { return problem(why.code == "malformed_body" ? 400 : 422, why); }

// One place of a record of stock, as a warehouse or a ledger answers when asked for it.
std::optional<std::string> count_text(const std::string& record, const std::string& location) {
  const auto stock = json::parse(record);
  const auto counted = stock.find("stock");
  if (counted == stock.end() || !counted->contains(location)) return std::nullopt;
  return to_text(
      {{"sku", stock.at("id")}, {"location", location}, {"quantity", (*counted)[location]}, {"version", stock.value("version", 1)}});
}

// The same body in another member order or spacing is the same request.
std::size_t fingerprint_of(const Request& request, const json& body) {
  return std::hash<std::string>{}(std::string(request.rest) + "\n" + to_text(body));
}

}  // namespace

Answer Sandbox::answer(const Request& request) {
  const auto tenant = tenants_.find(std::string(request.tenant));
  const bool post = request.method == "POST";
  if (post && is_webhook(request) && (tenant != tenants_.end() || sink_.knows(request.tenant))) return sink_.receive(request);
  if (tenant == tenants_.end()) return not_found(request);
  if (request.method == "GET") return read(request, tenant->second);
  if (!post) return not_found(request);
  if (is_refund_preview(request)) return preview_refund(request, tenant->second);
  const auto call = find_record_call(request.rest);
  if (call.action != nullptr && call.preview) return preview_change(request, call, tenant->second);
  const bool acts = call.action != nullptr || request.rest == "/refunds" || request.rest == "/notes";
  return acts ? write(request, tenant->second) : not_found(request);
}

Answer Sandbox::read(const Request& request, const Tenant& tenant) const {
  auto rest = request.rest;
  if (rest == "/refunds") return read_refunds(request, tenant);
  constexpr std::string_view orders = "/orders/", payments = "/payments";
  if (!rest.starts_with(orders)) return read_record(request, tenant.records);
  rest.remove_prefix(orders.size());
  const bool wants_payments = rest.ends_with(payments);
  if (wants_payments) rest.remove_suffix(payments.size());
  const auto* order = tenant.orders.find_order(percent_decoded(rest));
  if (!order) return not_found(request);
  return {200, wants_payments ? payments_text(*order) : order_text(*order), "application/json", {}};
}

Answer Sandbox::read_refunds(const Request& request, const Tenant& tenant) const {
  if (const auto key = request.find_query("key")) return {200, refunds_text(tenant.orders.refunds_by_key(*key)), "application/json", {}};
  if (const auto order = request.find_query("order_id"))
    return {200, refunds_text(tenant.orders.refunds_of_order(*order)), "application/json", {}};
  return problem(400, {"missing_filter", "ask with ?key= or ?order_id="});
}

Answer Sandbox::read_record(const Request& request, const RecordBook& book) const {
  if (const auto call = find_record_call(request.rest); call.action != nullptr && !call.preview)
    return {200, deeds_text(call, request.find_query("key").value_or(""), book), "application/json", {}};
  const auto segments = segments_of(request.rest);
  const bool whole = segments.size() == 2, place = segments.size() == 3;
  const auto* record = whole || place ? book.find(segments[0], segments[1]) : nullptr;
  const auto text = record == nullptr ? std::nullopt : whole ? std::optional(*record) : count_text(*record, segments[2]);
  return text ? Answer{200, *text, "application/json", {}} : not_found(request);
}

Answer Sandbox::preview_refund(const Request& request, const Tenant& tenant) const {
  const auto body = read_object(request.body);
  if (!body) return problem(400, body.error());
  const auto amount = read_money(*body, "amount");
  if (!amount) return problem(400, amount.error());
  const auto id = segments_of(request.rest)[1];
  const auto after = tenant.orders.order_after(id, *amount);
  if (!after) return refused(after.error());
  return {200, refund_preview_text(*tenant.orders.find_order(id), *after), "application/json", {}};
}

Answer Sandbox::preview_change(const Request& request, const RecordCall& call, const Tenant& tenant) const {
  const auto body = read_object(request.body);
  if (!body) return problem(400, body.error());
  auto text = preview(call, *body, tenant.records);
  return text ? Answer{200, *std::move(text), "application/json", {}} : refused(text.error());
}

Answer Sandbox::write(const Request& request, Tenant& tenant) {
  const std::string key(request.idempotency_key.value_or(""));
  const bool honoured = keys_honoured(request.tenant);
  if (honoured && key.empty()) return problem(400, {"missing_idempotency_key", "send an Idempotency-Key header"});
  const auto body = read_object(request.body);
  if (!body) return problem(400, body.error());
  const auto fingerprint = fingerprint_of(request, *body);
  if (auto* use = honoured ? tenant.keys.find(key) : nullptr) {
    if (use->fingerprint != fingerprint) return problem(409, {"idempotency_key_reused", "this key was used with another request"});
    ++use->replays;
    return {201, use->answer, "application/json", {{"Idempotency-Replayed", "true"}}};
  }
  auto done = carry_out(request, *body, tenant);
  if (!done) return refused(done.error());
  if (!key.empty()) tenant.keys.note_execution(key, fingerprint, *done);
  return {201, *std::move(done), "application/json", {}};
}

base::Result<std::string> Sandbox::carry_out(const Request& request, const json& body, Tenant& tenant) {
  if (request.rest == "/refunds") return give_refund(request, body, tenant);
  if (request.rest == "/notes") return take_note(request, body, tenant);
  return change_record(request, find_record_call(request.rest), body, tenant);
}

base::Result<std::string> Sandbox::give_refund(const Request& request, const json& body, Tenant& tenant) {
  const auto order = read_string(body, "order_id");
  if (!order) return tl::unexpected(order.error());
  const auto amount = read_money(body, "amount");
  if (!amount) return tl::unexpected(amount.error());
  const auto reason = read_string(body, "reason");
  if (!reason) return tl::unexpected(reason.error());

  const auto refund = tenant.orders.refund(*order, *amount, *reason, std::string(request.idempotency_key.value_or("")), now_text());
  if (!refund) return tl::unexpected(refund.error());
  journal_effect(request, {"refund", *order, *amount});
  return refund_text(*refund);
}

base::Result<std::string> Sandbox::change_record(const Request& request, const RecordCall& call, const json& body, Tenant& tenant) {
  auto done = sandbox::carry_out(call, body, std::string(request.idempotency_key.value_or("")), tenant.records);
  if (!done) return tl::unexpected(done.error());
  journal_effect(request, {std::string(call.action->noun), done->target, done->amount});
  return std::move(done->answer);
}

base::Result<std::string> Sandbox::take_note(const Request& request, const json& body, Tenant& tenant) {
  const auto ticket = read_string(body, "ticket_id");
  if (!ticket) return tl::unexpected(ticket.error());
  if (const auto text = read_string(body, "text"); !text) return tl::unexpected(text.error());
  journal_effect(request, {"note", *ticket, {}});
  return to_text({{"id", "note_" + std::to_string(++tenant.notes)}, {"ticket_id", *ticket}});
}

void Sandbox::journal_effect(const Request& request, const Effect& effect) {
  nlohmann::ordered_json line{{"kind", effect.kind},
                              {"tenant", request.tenant},
                              {"key", request.idempotency_key ? json(*request.idempotency_key) : json(nullptr)},
                              {"target", effect.target},
                              {"amount", effect.amount.currency.empty() ? json(nullptr) : to_json(effect.amount)},
                              {"at_ns", nanoseconds_of(std::chrono::steady_clock::now())},
                              {"wall_ns", nanoseconds_of(std::chrono::system_clock::now())},
                              {"replayed", false}};
  if (request.run) line["run"] = *request.run;
  if (request.actor) line["actor"] = *request.actor;
  journal_.append(line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
  ++effects_[effect.kind];
}

bool Sandbox::keys_honoured(std::string_view tenant) const {
  const auto own = honour_keys_of_.find(std::string(tenant));
  return own == honour_keys_of_.end() ? honour_keys_ : own->second;
}

void Sandbox::honour_all_keys() {
  honour_keys_ = true;
  honour_keys_of_.clear();
}

}  // namespace countersign::sandbox
