#pragma once

// RequestRenderer: makes of a request as the catalog renders it the call that the HTTP client sends: secrets filled in, bounds set, and the
// reach kept as narrow as the manifest and the process allow.
//
// Threads    Stateless; any thread.
// Ownership  Borrows the secrets.

#include <optional>
#include <string>
#include <vector>

#include "base/secret.hpp"
#include "catalog/http_request.hpp"
#include "executor/secret_directory.hpp"
#include "http/client.hpp"
#include "telemetry/metrics.hpp"

namespace countersign::executor {

struct RenderedCall {
  http::Call call;
  std::vector<base::Secret> secrets;  // that the call carries, so that no answer can bring them back
};

class RequestRenderer {
 public:
  // `reach` public_and_loopback: manifests may allow loopback, for development.
  RequestRenderer(const SecretDirectory& secrets, telemetry::Telemetry telemetry, http::AddressScope reach)
      : secrets_(secrets), telemetry_(telemetry), reach_(reach) {}

  // Absent when a secret that the manifest names is missing; that is logged.
  std::optional<RenderedCall> render(const catalog::HttpRequest& request, const catalog::ToolManifest& manifest, bool effect) const;

  // For the client that sends them.
  static http::ClientOptions client_options(http::AddressScope reach, std::string ca_file);

 private:
  const SecretDirectory& secrets_;
  telemetry::Telemetry telemetry_;
  http::AddressScope reach_;
};

}  // namespace countersign::executor
