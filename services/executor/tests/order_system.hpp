#pragma once

// OrderSystem: a shop's order system over real HTTP, for tests that call tools.
//
// Threads    Its server answers on threads of its own; counts and keys may be read from any. Answers are replaced before anything calls.

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "http/server.hpp"
#include "telemetry/metrics.hpp"

namespace countersign::executor::testing {

using nlohmann::json;

inline http::Response answer(int status, std::string body) {
  http::Response response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

// Looks orders up, refunds them, and tells by key what it refunded. Tests replace its answers.
class OrderSystem {
 public:
  using Answer = std::function<http::Response(const http::Request&)>;

  explicit OrderSystem(telemetry::Telemetry telemetry);
  std::string url(const std::string& path) const { return "http://127.0.0.1:" + std::to_string(server_->port()) + path; }

  int refunds() const { return refunds_; }  // executed
  int lookups() const { return lookups_; }
  std::vector<std::string> keys() const;  // Idempotency-Key of each refund received
  void forget_refunds();                  // as if the last ones had never arrived
  Answer on_refund;                       // after it was executed; empty: 201 with a receipt
  Answer on_lookup;
  Answer on_find;
  Answer on_preview;                    // empty: what the order has been refunded, and would be
  std::atomic<int> refunded_before{0};  // cents that somebody else has refunded; shows in previews
  int previews() const { return previews_; }

 private:
  http::Response refund(const http::Request& request);
  http::Response look_up(const http::Request& request);
  http::Response find(const http::Request& request);
  http::Response preview(const http::Request& request);

  mutable std::mutex mutex_;
  std::atomic<int> refunds_{0};
  std::atomic<int> lookups_{0};
  std::atomic<int> previews_{0};
  std::vector<std::string> keys_;
  std::map<std::string, std::string> done_;  // by key: the refund's id
  std::unique_ptr<http::Server> server_;
};

}  // namespace countersign::executor::testing
