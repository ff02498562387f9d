#pragma once

// Config: the planner's settings.

#include <chrono>

#include "runtime/service_settings.hpp"

namespace countersign::planner {

struct Config {
  runtime::ServiceSettings service;
  std::chrono::milliseconds catalog_refresh{};

  void declare(runtime::Settings& settings) {
    using namespace std::chrono_literals;
    settings.duration(catalog_refresh, "catalog-refresh", "How often to look for new tenants, realms and playbooks.", 1s, 50ms, 1min);
  }
};

}  // namespace countersign::planner
