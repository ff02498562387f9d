#pragma once

// HttpRequest: a tool call as it will be sent, except for secrets, which are named and filled in when the call is made.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "catalog/tool_manifest.hpp"
#include "contracts/json.hpp"

namespace countersign::catalog {

struct CallContext {
  std::string tenant;
  std::string ticket_id;
  std::string idempotency_key;
};

struct HttpRequest {
  std::string method;
  std::string url;
  std::vector<HeaderTemplate> headers;  // the key header and content-type included
  std::optional<std::string> body;      // canonical JSON
  bool allow_loopback = false;
};

// The arguments must already satisfy the manifest's schema. Refuses as UrlTemplate::render does, and with argument_missing when a body
// member's pointer leads nowhere and the schema requires it; optional members are left out.
base::Result<HttpRequest> render_request(const ToolManifest& manifest, const contracts::Json& arguments, const CallContext& context);

// The read that shows what the call would change. Carries no key. Invariant: the manifest has a preview. Refuses as render_request does.
base::Result<HttpRequest> render_preview(const ToolManifest& manifest, const contracts::Json& arguments, const CallContext& context);

// The read that tells whether the effect happened. Invariant: the manifest has a reconcile call.
base::Result<HttpRequest> render_reconcile(const ToolManifest& manifest, const contracts::Json& arguments, const CallContext& context);

}  // namespace countersign::catalog
