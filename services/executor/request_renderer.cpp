#include "executor/request_renderer.hpp"

#include <algorithm>

namespace countersign::executor {

namespace {

constexpr std::chrono::milliseconds longest_connect{2000};

// A manifest's origin is fixed, its port with it.
http::AddressPolicy any_port(http::AddressScope scope) { return {.scope = scope, .ports = {{1, 65535}}}; }

}  // namespace

http::ClientOptions RequestRenderer::client_options(http::AddressScope reach, std::string ca_file) {
  http::ClientOptions client;
  client.address_policy = any_port(reach);
  client.ca_file = std::move(ca_file);
  return client;
}

std::optional<RenderedCall> RequestRenderer::render(const catalog::HttpRequest& request, const catalog::ToolManifest& manifest,
                                                    bool effect) const {
  RenderedCall rendered;
  http::Call& call = rendered.call;
  call.method = request.method;
  call.url = request.url;
  call.body = request.body.value_or("");
  call.connect_timeout = std::min(longest_connect, manifest.timeout);
  call.total_timeout = manifest.timeout;
  call.max_response_bytes = manifest.result.max_bytes;
  call.effect = effect;
  if (!request.allow_loopback && reach_ == http::AddressScope::public_and_loopback)
    call.address_policy = any_port(http::AddressScope::public_only);
  for (const auto& header : request.headers) {
    if (!header.secret) {
      call.headers.emplace_back(header.name, header.literal.value_or(""));
      continue;
    }
    auto secret = secrets_.find(*header.secret);
    if (!secret) {
      telemetry_.log.error("secret_missing", {{"secret", *header.secret}, {"tool", manifest.name}});
      return std::nullopt;
    }
    call.headers.emplace_back(header.name, secret->reveal());
    rendered.secrets.push_back(std::move(*secret));
  }
  return rendered;
}

}  // namespace countersign::executor
