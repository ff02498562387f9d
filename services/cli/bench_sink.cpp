#include "cli/bench_sink.hpp"

#include "base/errors.hpp"

namespace countersign::cli {

namespace {

http::ServerOptions options_of(std::uint16_t port) {
  http::ServerOptions options;
  options.name = "bench";
  options.port = port;
  options.handler_threads = 1;  // the book is written by one thread
  return options;
}

crypto::WebhookVerifier verifier_of(const std::string& tenant, const std::string& secret) {
  auto keys = crypto::WebhookKeys::parse({base::Secret{secret}});
  if (!keys) throw base::Misconfigured("the webhook secret of " + tenant + " is none: " + keys.error().detail);
  return crypto::WebhookVerifier{std::move(*keys)};
}

bool says_type(std::string_view body, const std::string& type) { return body.find("\"type\":\"" + type + "\"") != std::string_view::npos; }

}  // namespace

BenchSink::BenchSink(BenchBook& book, std::uint16_t port, const std::map<std::string, std::string>& secrets, std::string expected_type,
                     telemetry::Telemetry telemetry)
    : book_(book), expected_type_(std::move(expected_type)) {
  for (const auto& [tenant, secret] : secrets) verifiers_.emplace(tenant, verifier_of(tenant, secret));
  http::Router router;
  router.on("POST", "/{tenant}/webhooks", [this](const http::Request& request) { return receive(request); });
  server_ = std::make_unique<http::Server>(options_of(port), std::move(router), telemetry);
}

http::Response BenchSink::receive(const http::Request& request) {
  const auto now = std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count();
  const auto verifier = verifiers_.find(request.parameters.at("tenant"));
  if (verifier == verifiers_.end() || !verifier->second.verify(request.headers, request.body, base::SystemClock{}.wall())) {
    ++forged_;
    return http::problem(401, "signature_invalid", "The signature does not hold.");
  }
  const auto index = book_.find_named_in(request.body);
  if (!index) {
    ++foreign_;
  } else {
    if (!says_type(request.body, expected_type_)) ++unexpected_;
    book_.note_webhook(*index, request.header(crypto::webhook_id_header).value_or(""), now);
  }
  return {204, {}, {}, {}};
}

}  // namespace countersign::cli
