#pragma once

// Config: the settings of the outbox service.

#include <string>

#include "messaging/kafka/kafka_settings.hpp"
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
  std::chrono::milliseconds disable_endpoints_after{};
  std::size_t mail_lanes = 0;
  std::size_t mail_lanes_per_mailbox = 0;
  std::string smtp_ca_file;
  std::string smtp_hello_name;
  std::chrono::milliseconds smtp_timeout{};
  std::chrono::milliseconds mail_waits_for_mailbox{};
  std::string relay_kafka_user;  // may write what every service may write; empty: the service's own user
  std::string relay_kafka_password_file;

  void declare(runtime::Settings& settings);
  OutboxOptions options() const;
  // How the relays reach Kafka: as the service does, but as a user of their own.
  messaging::KafkaSettings relay_kafka() const;
};

}  // namespace countersign::outbox
