#include "catalog/tool_manifest.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "catalog/argument_schema.hpp"
#include "catalog/mistakes.hpp"

namespace countersign::catalog {

namespace {

using nlohmann::json;
using std::chrono::milliseconds;

milliseconds millis(const json& object, const char* name) { return milliseconds{object.at(name).get<std::int64_t>()}; }

std::vector<domain::Pointer> pointers(const json& list, Mistakes& mistakes) {
  std::vector<domain::Pointer> all;
  for (const auto& text : list) all.push_back(mistakes.pointer(text));
  return all;
}

// What HTTP itself decides is not a manifest's business.
bool reserved_header(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  static const std::vector<std::string> reserved{"host",    "content-length", "transfer-encoding",  "connection", "upgrade", "te",
                                                 "trailer", "expect",         "proxy-authorization"};
  return std::find(reserved.begin(), reserved.end(), name) != reserved.end();
}

bool printable(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c <= 0x7e; });
}

HeaderTemplate read_header(const std::string& name, const json& value, Mistakes& mistakes) {
  mistakes.check(!reserved_header(name), "the header " + name + " is set by the connection itself");
  if (value.is_object()) return {name, std::nullopt, value.at("secret").get<std::string>()};
  mistakes.check(printable(value.get<std::string>()), "the header " + name + " has control characters");
  return {name, value.get<std::string>(), std::nullopt};
}

bool loopback(const std::string& origin) {
  const std::string host = origin.substr(origin.find("://") + 3);
  return host == "localhost" || host.starts_with("localhost:") || host == "127.0.0.1" || host.starts_with("127.0.0.1:") ||
         host.starts_with("[::1]");
}

UrlTemplate read_url(const std::string& text, bool allow_loopback, const ArgumentSchema& arguments, Mistakes& mistakes) {
  auto url = UrlTemplate::parse(text);
  if (!url) {
    mistakes.add(url.error().detail);
    return {};
  }
  const bool encrypted = url->origin().starts_with("https://");
  mistakes.check(encrypted || (allow_loopback && loopback(url->origin())), "plain http is for loopback only, and only with allow_loopback");
  for (const auto& name : url->variables()) {
    const bool given = name == "tenant" || name == "ticket_id" || name == "idempotency_key";
    mistakes.check(given || arguments.required_text(name), "the URL's variable " + name + " is not a required argument of type string");
  }
  return *std::move(url);
}

std::vector<HeaderTemplate> read_headers(const json& call, Mistakes& mistakes) {
  std::vector<HeaderTemplate> headers;
  const json given = call.value("headers", json::object());
  for (const auto& [name, value] : given.items()) headers.push_back(read_header(name, value, mistakes));
  return headers;
}

std::map<std::string, domain::Pointer> read_body(const json& call, const ArgumentSchema& arguments, Mistakes& mistakes) {
  std::map<std::string, domain::Pointer> body;
  const json members = call.value("body", json::object());
  for (const auto& [member, pointer] : members.items()) {
    body.emplace(member, mistakes.pointer(pointer));
    mistakes.check(arguments.has(body.at(member).text()), "the body's member " + member + " comes from no argument");
  }
  mistakes.check(call.at("method") != "GET" || body.empty(), "a GET has no body");
  return body;
}

HttpConnector read_connector(const json& body, const ArgumentSchema& arguments, Mistakes& mistakes) {
  HttpConnector connector;
  connector.method = body.at("method");
  connector.allow_loopback = body.value("allow_loopback", false);
  connector.url = read_url(body.at("url"), connector.allow_loopback, arguments, mistakes);
  connector.headers = read_headers(body, mistakes);
  connector.body = read_body(body, arguments, mistakes);
  return connector;
}

// A template that a model could name freely would be a way to say anything; the names stand in the manifest.
MessageConnector read_message(const json& body, const ArgumentSchema& arguments, Mistakes& mistakes) {
  MessageConnector message{body.at("channel"), body.at("mailbox"), mistakes.pointer(body.at("to")), mistakes.pointer(body.at("template")),
                           mistakes.pointer(body.at("variables"))};
  mistakes.check(arguments.text(message.to.text()), "connector.to names no argument of type string");
  mistakes.check(arguments.choice(message.template_name.text()), "connector.template names no argument that is an enum of template names");
  mistakes.check(arguments.object(message.variables.text()), "connector.variables names no argument of type object");
  return message;
}

domain::AcceptedOrigins read_origins(const json& body, const ArgumentSchema& arguments, Mistakes& mistakes) {
  domain::AcceptedOrigins origins;
  for (const auto& [pointer, names] : body.items()) {
    auto& accepted = origins[pointer];
    for (const auto& name : names)
      accepted.push_back(domain::find_named<domain::Origin>(name.get<std::string>()).value_or(domain::Origin::system_of_record));
    mistakes.check(arguments.has(pointer), "origins lists " + pointer + ", which is no argument");
  }
  for (const auto& leaf : arguments.leaves()) {
    const auto covers = [&](const auto& entry) { return lies_within(leaf, entry.first); };
    mistakes.check(std::any_of(origins.begin(), origins.end(), covers), "origins says nothing about " + leaf);
  }
  return origins;
}

void check_argument_pointers(const std::vector<domain::Pointer>& pointers, const char* what, const ArgumentSchema& arguments,
                             Mistakes& mistakes) {
  for (const auto& pointer : pointers)
    mistakes.check(arguments.has(pointer.text()), std::string(what) + " names " + pointer.text() + ", which is no argument");
}

void read_effect_rules(const json& body, const ArgumentSchema& arguments, ToolManifest& manifest, Mistakes& mistakes) {
  manifest.target = pointers(body.at("target"), mistakes);
  check_argument_pointers(manifest.target, "target", arguments, mistakes);
  if (body.contains("amount")) {
    manifest.amount = mistakes.pointer(body.at("amount"));
    mistakes.check(arguments.money(manifest.amount->text()),
                   "amount names " + manifest.amount->text() + ", which is not {minor, currency}");
  }
  if (body.contains("operation")) {
    const auto& operation = body.at("operation");
    manifest.operation = Operation{operation.at("name"), pointers(operation.at("key"), mistakes),
                                   std::chrono::hours{24 * operation.at("window_days").get<int>()}};
    check_argument_pointers(manifest.operation->key, "operation", arguments, mistakes);
  }
  if (body.contains("idempotency"))
    manifest.idempotency = *domain::find_named<domain::Idempotency>(body.at("idempotency").get<std::string>());
  if (manifest.idempotency == domain::Idempotency::key_header) manifest.key_header = body.value("key_header", "Idempotency-Key");
  mistakes.check(!body.contains("key_header") || manifest.idempotency == domain::Idempotency::key_header,
                 "key_header needs idempotency key_header");
}

// What is said of calls has no meaning for messages, and the other way round.
void check_connector_kind(const json& body, const ToolManifest& manifest, Mistakes& mistakes) {
  const bool message = manifest.connector_kind == ConnectorKind::message;
  for (const char* member : {"timeout_ms", "retry", "result"})
    mistakes.check(message || body.contains(member), std::string("a tool that is called over HTTP needs ") + member);
  for (const char* member : {"success", "reconcile", "preview", "key_header", "operation"})
    mistakes.check(!message || !body.contains(member), std::string("a message has no ") + member);
  mistakes.check(message || !body.contains("deliver_within_ms"), "deliver_within_ms is for messages");
  mistakes.check(!message || manifest.risk == domain::RiskClass::outbound, "a message to a customer is of class outbound");
  mistakes.check(!message || manifest.idempotency == domain::Idempotency::none, "a message is of idempotency none");
}

// What a class demands, beyond what every manifest needs.
void check_class(const json& body, const ToolManifest& manifest, Mistakes& mistakes) {
  const bool effect = domain::has_effect(manifest.risk), money = manifest.risk == domain::RiskClass::money;
  const auto demand = [&](bool when, const char* member) {
    mistakes.check(!when || body.contains(member), "a tool of class " + std::string(domain::name_of(manifest.risk)) + " needs " + member);
  };
  demand(effect, "idempotency");
  demand(money, "amount");
  demand(domain::needs_operation_key(manifest.risk), "operation");
  demand(money, "reconcile");
  mistakes.check(!effect || !manifest.target.empty(), "a tool with an effect has a target");
  mistakes.check(!effect || manifest.connector.method != "GET", "a tool with an effect is not called by GET");
  check_connector_kind(body, manifest, mistakes);
  mistakes.check(manifest.retry.first <= manifest.retry.most, "retry: first_ms is more than most_ms");
  const bool key_as_variable = manifest.connector.url.text().find("{idempotency_key}") != std::string::npos;
  mistakes.check(!key_as_variable || manifest.idempotency == domain::Idempotency::key_header,
                 "{idempotency_key} in the URL needs idempotency key_header");
}

std::optional<PreviewCall> read_preview(const json& body, const ToolManifest& manifest, const ArgumentSchema& arguments,
                                        Mistakes& mistakes) {
  if (!body.contains("preview") || manifest.connector_kind != ConnectorKind::http) return std::nullopt;
  const auto& call = body.at("preview");
  auto url = read_url(call.at("url"), manifest.connector.allow_loopback, arguments, mistakes);
  mistakes.check(url.origin() == manifest.connector.url.origin(), "preview reads another origin than the connector calls");
  mistakes.check(url.text().find("{idempotency_key}") == std::string::npos, "preview has no idempotency key: it does nothing twice");
  PreviewCall preview;
  preview.method = call.at("method");
  preview.url = std::move(url);
  preview.headers = call.contains("headers") ? read_headers(call, mistakes) : manifest.connector.headers;
  preview.body = read_body(call, arguments, mistakes);
  preview.before = mistakes.pointer(call.at("before"));
  preview.after = mistakes.pointer(call.at("after"));
  preview.preconditions = pointers(call.value("preconditions", json::array()), mistakes);
  if (call.contains("note")) preview.note = mistakes.pointer(call.at("note"));
  return preview;
}

std::optional<ReconcileCall> read_reconcile(const json& body, const ToolManifest& manifest, const ArgumentSchema& arguments,
                                            Mistakes& mistakes) {
  if (!body.contains("reconcile") || manifest.connector_kind != ConnectorKind::http) return std::nullopt;
  const auto& call = body.at("reconcile");
  auto url = read_url(call.at("url"), manifest.connector.allow_loopback, arguments, mistakes);
  // The secrets in the headers are the connector's; they must not go elsewhere.
  mistakes.check(url.origin() == manifest.connector.url.origin(), "reconcile reads another origin than the connector calls");
  return ReconcileCall{std::move(url), mistakes.pointer(call.at("done_when")), millis(call, "settle_ms"), millis(call, "limit_ms")};
}

}  // namespace

bool ToolManifest::succeeded(int http_status) const noexcept {
  if (success_status.empty()) return http_status >= 200 && http_status <= 299;
  return std::find(success_status.begin(), success_status.end(), http_status) != success_status.end();
}

bool ToolManifest::trusts_result(std::string_view pointer) const {
  return std::any_of(result.trusted.begin(), result.trusted.end(),
                     [&](const auto& trusted) { return lies_within(pointer, trusted.text()); });
}

namespace {

constexpr milliseconds default_deliver_within = std::chrono::hours{72};

void read_connector_of_kind(const json& body, const ArgumentSchema& arguments, ToolManifest& manifest, Mistakes& mistakes) {
  if (body.at("connector").at("kind") == "message") {
    manifest.connector_kind = ConnectorKind::message;
    manifest.message = read_message(body.at("connector"), arguments, mistakes);
    manifest.deliver_within = body.contains("deliver_within_ms") ? millis(body, "deliver_within_ms") : default_deliver_within;
  } else {
    manifest.connector = read_connector(body.at("connector"), arguments, mistakes);
  }
}

// What a tool that is called over HTTP must say, and a message need not.
void read_call_rules(const json& body, ToolManifest& manifest, Mistakes& mistakes) {
  if (body.contains("timeout_ms")) manifest.timeout = millis(body, "timeout_ms");
  if (body.contains("retry"))
    manifest.retry = {body.at("retry").at("attempts"), millis(body.at("retry"), "first_ms"), millis(body.at("retry"), "most_ms")};
  if (body.contains("success")) manifest.success_status = body.at("success").at("status").get<std::vector<int>>();
  if (!body.contains("result")) return;
  const auto& result = body.at("result");
  manifest.result = {pointers(result.at("trusted"), mistakes), pointers(result.at("redact"), mistakes), result.at("max_bytes")};
}

}  // namespace

base::Result<ToolManifest> parse_tool_manifest(const Document& document) {
  if (auto fine = check_kind(document, "tool"); !fine) return base::refuse("manifest_invalid", fine.error().detail);
  const auto& body = document.body.value();
  Mistakes mistakes;
  const ArgumentSchema arguments(body.at("arguments"), mistakes);
  ToolManifest manifest;
  manifest.tenant = document.tenant;
  manifest.name = document.name;
  manifest.version = document.version;
  manifest.digest = document.digest;
  manifest.owner = body.at("owner");
  manifest.description = body.at("description");
  manifest.risk = *domain::find_named<domain::RiskClass>(body.at("class").get<std::string>());
  manifest.argument_schema = contracts::Json(body.at("arguments"));
  manifest.arguments = arguments.compiled();
  manifest.origins = read_origins(body.at("origins"), arguments, mistakes);
  read_connector_of_kind(body, arguments, manifest, mistakes);
  read_effect_rules(body, arguments, manifest, mistakes);
  read_call_rules(body, manifest, mistakes);
  manifest.preview = read_preview(body, manifest, arguments, mistakes);
  manifest.reconcile = read_reconcile(body, manifest, arguments, mistakes);
  manifest.wording = {body.at("wording").at("done"), body.at("wording").at("refused"), body.at("wording").at("unknown")};
  manifest.compensation = find_text(body, "compensation");
  manifest.rollback_note = find_text(body, "rollback_note");
  check_class(body, manifest, mistakes);
  if (mistakes.any()) return mistakes.refusal("manifest_invalid");
  return manifest;
}

}  // namespace countersign::catalog
