#pragma once

// Config: the approval service's settings.

#include <chrono>

#include "runtime/service_settings.hpp"

namespace countersign::approval {

struct Config {
  runtime::ServiceSettings service;
  std::chrono::milliseconds catalog_refresh{};

  void declare(runtime::Settings& settings) {
    using namespace std::chrono_literals;
    settings.duration(catalog_refresh, "catalog-refresh", "How often to look for new tenants and realms.", 1s, 50ms, 1min);
  }
};

}  // namespace countersign::approval
