#include "sandbox/webhook_sink.hpp"

#include <chrono>
#include <nlohmann/json.hpp>

#include "sandbox/render.hpp"
#include "sandbox/webhook_signature.hpp"

namespace countersign::sandbox {
namespace {

using nlohmann::json;

std::string string_at(const json& body, const char* pointer) {
  const json::json_pointer place{pointer};
  return body.contains(place) && body.at(place).is_string() ? body.at(place).get<std::string>() : std::string{};
}

std::string ticket_of(const json& body) {
  for (const char* place : {"/ticket_id", "/data/ticket_id", "/ticket/id", "/data/ticket/id", "/subject"})
    if (auto found = string_at(body, place); !found.empty()) return found;
  return {};
}

}  // namespace

void WebhookSink::add_secret(const std::string& tenant, std::string key) { keys_[tenant].push_back(std::move(key)); }

Answer WebhookSink::receive(const Request& request) {
  const auto mono = std::chrono::steady_clock::now().time_since_epoch();
  const auto wall = std::chrono::system_clock::now().time_since_epoch();
  const auto keys = keys_.find(std::string(request.tenant));
  static const std::vector<std::string> no_keys;
  const auto verdict = verify_webhook({request.webhook_id, request.webhook_timestamp, request.webhook_signature, request.body},
                                      keys == keys_.end() ? no_keys : keys->second, std::chrono::floor<std::chrono::seconds>(wall));
  const std::string id(request.webhook_id.value_or(""));
  const auto body = read_object(request.body).value_or(json::object());

  nlohmann::ordered_json line{{"kind", "webhook"},
                              {"tenant", request.tenant},
                              {"path", request.path},
                              {"id", id},
                              {"type", string_at(body, "/type")},
                              {"ticket_id", ticket_of(body)},
                              {"valid", verdict.has_value()},
                              {"received_mono_ns", std::chrono::nanoseconds(mono).count()},
                              {"received_wall_ns", std::chrono::nanoseconds(wall).count()},
                              {"digest", sha256_hex(request.body)}};
  if (!verdict) line["reason"] = verdict.error().code;
  journal_.append(line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
  ++received_;
  ++by_id_[id];
  if (verdict) return {204, "", "", {}};
  ++invalid_;
  return problem(401, verdict.error());
}

}  // namespace countersign::sandbox
