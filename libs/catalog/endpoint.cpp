#include "catalog/endpoint.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "catalog/mistakes.hpp"
#include "catalog/url_template.hpp"
#include "contracts/codec.hpp"

namespace countersign::catalog {

bool Endpoint::wants(std::string_view type) const {
  return std::any_of(types.begin(), types.end(), [type](const auto& wanted) { return wanted == "*" || wanted == type; });
}

std::vector<std::chrono::milliseconds> default_schedule() {
  using namespace std::chrono_literals;
  return {0s, 5s, 5min, 30min, 2h, 5h, 10h, 14h, 20h, 24h};
}

base::Result<Endpoint> parse_endpoint(const Document& document) {
  if (auto fine = check_kind(document, "endpoint"); !fine) return tl::unexpected(fine.error());
  const auto& body = document.body.value();
  Endpoint endpoint{.tenant = document.tenant,
                    .name = document.name,
                    .version = document.version,
                    .url = body.at("url"),
                    .types = body.at("types"),
                    .secrets = body.at("secrets"),
                    .timeout = std::chrono::milliseconds{body.at("timeout_ms").get<int>()},
                    .schedule = {},
                    .ordered = body.at("order") == "ordered",
                    .enabled = body.at("enabled")};
  for (const auto& wait : body.value("schedule_ms", nlohmann::json::array())) endpoint.schedule.emplace_back(wait.get<std::int64_t>());
  if (endpoint.schedule.empty()) endpoint.schedule = default_schedule();
  Mistakes mistakes;
  const auto url = UrlTemplate::parse(endpoint.url);
  mistakes.check(url.has_value(), url ? "" : url.error().detail);
  mistakes.check(!url || url->variables().empty(), "an endpoint's URL has no variables");
  for (const auto& type : endpoint.types) mistakes.check(type == "*" || contracts::known_type(type), type + " is not a type of message");
  if (mistakes.any()) return mistakes.refusal("document_invalid");
  return endpoint;
}

}  // namespace countersign::catalog
