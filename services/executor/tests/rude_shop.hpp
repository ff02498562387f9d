#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <vector>

#include "executor/tests/ledger_fixture.hpp"

namespace countersign::executor::testing {

// An order system that hears a whole refund and hangs up, unless it is well; it never knows of any refund.
struct RudeShop {
  std::atomic<bool> well = false;
  std::mutex mutex;
  std::vector<std::string> refunds;  // the number of the connection, a space, the request
  http::testing::MisbehavingServer server{[this](http::testing::Wire& wire, int connection) {
    for (std::string request = wire.hear_message(); !request.empty(); request = wire.hear_message()) {
      if (!request.starts_with("POST")) {
        wire.say(http::testing::ok(R"({"refunds":[]})"));
        continue;
      }
      {
        std::lock_guard lock(mutex);
        refunds.push_back(std::to_string(connection) + ' ' + request);
      }
      if (!well) return wire.reset();
      wire.say(http::testing::ok(R"({"refund_id":"r"})"));
    }
  }};

  std::vector<std::string> heard() {
    std::lock_guard lock(mutex);
    return refunds;
  }
  // The manifest as its next version, calling and asking this shop.
  json serve(json manifest) const {
    manifest["version"] = 2;
    manifest["connector"]["url"] = server.url("/orders/{order_id}/refunds");
    manifest["reconcile"]["url"] = server.url("/refunds?key={idempotency_key}");
    return manifest;
  }
};

inline json without_keys(json manifest) {
  manifest["idempotency"] = "none";
  manifest.erase("key_header");
  return manifest;
}

}  // namespace countersign::executor::testing
