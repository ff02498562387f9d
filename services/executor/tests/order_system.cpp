#include "executor/tests/order_system.hpp"

namespace countersign::executor::testing {

OrderSystem::OrderSystem(telemetry::Telemetry telemetry) {
  http::Router router;
  router.on("GET", "/orders/{order}", [this](const http::Request& request) { return look_up(request); })
      .on("POST", "/orders/{order}/refunds", [this](const http::Request& request) { return refund(request); })
      .on("POST", "/orders/{order}/refund-previews", [this](const http::Request& request) { return preview(request); })
      .on("GET", "/refunds", [this](const http::Request& request) { return find(request); });
  server_ = std::make_unique<http::Server>(http::ServerOptions{.name = "orders"}, std::move(router), telemetry);
}

http::Response OrderSystem::look_up(const http::Request& request) {
  ++lookups_;
  if (on_lookup) return on_lookup(request);
  const std::string order = request.parameters.at("order");
  const std::string owner = order == "B-1" ? "cust-2" : "cust-1";
  const std::string minor = order == "BIG-1" ? "90000" : "2500";
  const json captured{{"minor", minor}, {"currency", "EUR"}};
  return answer(200, json{{"customer_id", owner}, {"captured", captured}, {"weight", 10.5}, {"iban", "DE00"}}.dump());
}

http::Response OrderSystem::refund(const http::Request& request) {
  const std::string key(request.header("idempotency-key").value_or(""));
  std::string id;
  {
    std::lock_guard lock(mutex_);
    keys_.push_back(key);
    const auto [done, fresh] = done_.try_emplace(key, "r-" + std::to_string(done_.size() + 1));
    id = done->second;
    if (fresh) ++refunds_;
  }
  if (on_refund) return on_refund(request);
  return answer(201, json{{"refund_id", id}}.dump());
}

http::Response OrderSystem::find(const http::Request& request) {
  if (on_find) return on_find(request);
  std::lock_guard lock(mutex_);
  json found = json::array();
  const auto done = done_.find(request.query.at("key"));
  if (done != done_.end()) found.push_back({{"id", done->second}});
  return answer(200, json{{"refunds", found}}.dump());
}

http::Response OrderSystem::preview(const http::Request& request) {
  ++previews_;
  if (on_preview) return on_preview(request);
  const int refunded = refunded_before;
  return answer(200, json{{"before", {{"refunded", refunded}, {"read", previews_.load()}}},
                          {"after", {{"refunded", refunded + 2500}}},
                          {"state", {{"refunded", refunded}}},
                          {"note", "takes three days"}}
                         .dump());
}

std::vector<std::string> OrderSystem::keys() const {
  std::lock_guard lock(mutex_);
  return keys_;
}

void OrderSystem::forget_refunds() {
  std::lock_guard lock(mutex_);
  done_.clear();
  refunds_ = 0;
}

}  // namespace countersign::executor::testing
