#include "catalog/http_request.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/invariant.hpp"
#include "contracts/canonical_json.hpp"

namespace countersign::catalog {

namespace {

using nlohmann::json;

std::map<std::string, std::string> variables_of(const contracts::Json& arguments, const CallContext& context) {
  std::map<std::string, std::string> variables;
  for (const auto& [name, value] : arguments.value().items())
    if (value.is_string()) variables[name] = value;
  // Last, so that no argument can take the place of what the executor says.
  variables["tenant"] = context.tenant;
  variables["ticket_id"] = context.ticket_id;
  variables["idempotency_key"] = context.idempotency_key;
  return variables;
}

const json* find_member(const json& arguments, const domain::Pointer& pointer) {
  const json* at = &arguments;
  for (const auto& token : pointer.tokens()) {
    if (!at->is_object()) return nullptr;
    const auto member = at->find(token);
    if (member == at->end()) return nullptr;
    at = &*member;
  }
  return at;
}

bool required(const ToolManifest& manifest, const domain::Pointer& pointer) {
  const auto& schema = manifest.argument_schema.value();
  const auto list = schema.value("required", json::array());
  return std::find(list.begin(), list.end(), pointer.tokens().front()) != list.end();
}

using BodyTemplate = std::map<std::string, domain::Pointer>;

base::Result<std::string> render_body(const ToolManifest& manifest, const BodyTemplate& members, const json& arguments) {
  json body = json::object();
  for (const auto& [name, pointer] : members) {
    const json* value = find_member(arguments, pointer);
    if (value != nullptr) {
      body[name] = *value;
    } else if (required(manifest, pointer)) {
      return base::refuse("argument_missing", "the body needs the argument " + pointer.text());
    }
  }
  return contracts::canonical_json(body);
}

base::Result<void> add_body(HttpRequest& request, const ToolManifest& manifest, const BodyTemplate& members, const json& arguments) {
  if (members.empty()) return {};
  auto body = render_body(manifest, members, arguments);
  if (!body) return tl::unexpected(std::move(body.error()));
  request.body = std::move(*body);
  request.headers.push_back({"Content-Type", "application/json", std::nullopt});
  return {};
}

}  // namespace

base::Result<HttpRequest> render_request(const ToolManifest& manifest, const contracts::Json& arguments, const CallContext& context) {
  COUNTERSIGN_INVARIANT(manifest.connector_kind == ConnectorKind::http, "only tools that are called over HTTP have requests");
  if (!arguments.value().is_object()) return base::refuse("argument_missing", "the arguments are not an object");
  auto url = manifest.connector.url.render(variables_of(arguments, context));
  if (!url) return tl::unexpected(std::move(url.error()));
  HttpRequest request{manifest.connector.method, std::move(*url), manifest.connector.headers, std::nullopt,
                      manifest.connector.allow_loopback};
  if (!manifest.key_header.empty()) request.headers.push_back({manifest.key_header, context.idempotency_key, std::nullopt});
  if (auto added = add_body(request, manifest, manifest.connector.body, arguments.value()); !added) return tl::unexpected(added.error());
  return request;
}

base::Result<HttpRequest> render_preview(const ToolManifest& manifest, const contracts::Json& arguments, const CallContext& context) {
  COUNTERSIGN_INVARIANT(manifest.preview.has_value(), "only tools with a preview are previewed");
  if (!arguments.value().is_object()) return base::refuse("argument_missing", "the arguments are not an object");
  auto url = manifest.preview->url.render(variables_of(arguments, context));
  if (!url) return tl::unexpected(std::move(url.error()));
  HttpRequest request{manifest.preview->method, std::move(*url), manifest.preview->headers, std::nullopt,
                      manifest.connector.allow_loopback};
  if (auto added = add_body(request, manifest, manifest.preview->body, arguments.value()); !added) return tl::unexpected(added.error());
  return request;
}

base::Result<HttpRequest> render_reconcile(const ToolManifest& manifest, const contracts::Json& arguments, const CallContext& context) {
  COUNTERSIGN_INVARIANT(manifest.reconcile.has_value(), "only tools with a reconcile call are reconciled");
  if (!arguments.value().is_object()) return base::refuse("argument_missing", "the arguments are not an object");
  auto url = manifest.reconcile->url.render(variables_of(arguments, context));
  if (!url) return tl::unexpected(std::move(url.error()));
  return HttpRequest{"GET", std::move(*url), manifest.connector.headers, std::nullopt, manifest.connector.allow_loopback};
}

}  // namespace countersign::catalog
