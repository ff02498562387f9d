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

HttpConnector read_connector(const json& body, const ArgumentSchema& arguments, Mistakes& mistakes) {
  HttpConnector connector;
  connector.method = body.at("method");
  connector.allow_loopback = body.value("allow_loopback", false);
  connector.url = read_url(body.at("url"), connector.allow_loopback, arguments, mistakes);
  const json headers = body.value("headers", json::object()), members = body.value("body", json::object());
  for (const auto& [name, value] : headers.items()) connector.headers.push_back(read_header(name, value, mistakes));
  for (const auto& [member, pointer] : members.items()) {
    connector.body.emplace(member, mistakes.pointer(pointer));
    mistakes.check(arguments.has(connector.body.at(member).text()), "the body's member " + member + " comes from no argument");
  }
  mistakes.check(connector.method != "GET" || connector.body.empty(), "a GET has no body");
  return connector;
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
  mistakes.check(manifest.retry.first <= manifest.retry.most, "retry: first_ms is more than most_ms");
  const bool key_as_variable = manifest.connector.url.text().find("{idempotency_key}") != std::string::npos;
  mistakes.check(!key_as_variable || manifest.idempotency == domain::Idempotency::key_header,
                 "{idempotency_key} in the URL needs idempotency key_header");
}

std::optional<ReconcileCall> read_reconcile(const json& body, const ToolManifest& manifest, const ArgumentSchema& arguments,
                                            Mistakes& mistakes) {
  if (!body.contains("reconcile")) return std::nullopt;
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
  manifest.timeout = millis(body, "timeout_ms");
  manifest.retry = {body.at("retry").at("attempts"), millis(body.at("retry"), "first_ms"), millis(body.at("retry"), "most_ms")};
  manifest.connector = read_connector(body.at("connector"), arguments, mistakes);
  read_effect_rules(body, arguments, manifest, mistakes);
  if (body.contains("success")) manifest.success_status = body.at("success").at("status").get<std::vector<int>>();
  const auto& result = body.at("result");
  manifest.result = {pointers(result.at("trusted"), mistakes), pointers(result.at("redact"), mistakes), result.at("max_bytes")};
  manifest.reconcile = read_reconcile(body, manifest, arguments, mistakes);
  manifest.wording = {body.at("wording").at("done"), body.at("wording").at("refused"), body.at("wording").at("unknown")};
  check_class(body, manifest, mistakes);
  if (mistakes.any()) return mistakes.refusal("manifest_invalid");
  return manifest;
}

}  // namespace countersign::catalog
