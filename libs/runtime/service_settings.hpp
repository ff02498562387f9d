#pragma once

// ServiceSettings: the settings that every service has. A service adds its own beside them.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "runtime/settings.hpp"
#include "telemetry/log.hpp"

namespace countersign::runtime {

struct ServiceSettings {
  std::string service;   // planner, executor, …: set by declare_service_settings(), not a setting
  std::string instance;  // stable per replica: static Kafka membership and incarnations are named after it
  telemetry::Level log_level = telemetry::Level::info;

  std::string database;                // a libpq connection string, without the password
  std::string database_password_file;  // its first line is the password
  std::size_t database_sessions = 0;   // most sessions that requests and small loops share

  std::string kafka_bootstrap;
  Settings::Pairs kafka_set;        // further librdkafka settings
  std::string kafka_password_file;  // becomes sasl.password
  std::size_t max_batch_rows = 0;   // messages in one transaction, at most

  std::string admin_address;
  std::uint16_t admin_port = 0;  // 0 takes a free one
  std::string admin_port_file;   // gets the port that was taken
  std::chrono::milliseconds stop_deadline{};

  std::string secrets_dir;  // one file per secret that tools and endpoints name
};

void declare_service_settings(Settings& settings, ServiceSettings& into, const std::string& service);

}  // namespace countersign::runtime
