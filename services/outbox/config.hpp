#pragma once

// Config: the settings of the outbox service.

#include <string>

#include "outbox/outbox_service.hpp"
#include "runtime/command.hpp"

namespace countersign::outbox {

struct Config {
  runtime::ServiceSettings service;
  std::size_t lanes = 0;
  std::size_t lanes_per_endpoint = 0;
  bool allow_loopback = false;
  std::string ca_file;
  std::chrono::milliseconds keep_delivered{};

  void declare(runtime::Settings& settings);
  OutboxOptions options() const;
};

}  // namespace countersign::outbox
