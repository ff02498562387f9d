#include "outbox/config.hpp"

#include "foundation/foundation.hpp"

namespace countersign::outbox {

void Config::declare(runtime::Settings& settings) {
  using std::chrono::hours;
  settings.integer(lanes, "webhook-lanes", "Webhook calls at the same time.", 256, 1, 2048);
  settings.integer(lanes_per_endpoint, "webhook-lanes-per-endpoint", "Webhook calls to one endpoint at the same time.", 16, 1, 256);
  settings.flag(allow_loopback, "allow-loopback-endpoints", "Endpoints may be on this machine, with plain http: for development only.");
  settings.text(ca_file, "webhook-ca-file", "Certificates to trust instead of the system's, in PEM.", "");
  settings.duration(keep_delivered, "keep-delivered", "How long delivered deliveries are kept.", hours{24 * 30}, hours{1}, hours{24 * 400});
  settings.text(relay_kafka_user, "relay-kafka-user", "Kafka user (sasl.username) of the relays, which may write what every service may.", "");
  settings.secret_file(relay_kafka_password_file, "relay-kafka-password-file", "File with the password of the relays' Kafka user.");
  settings.relation([this]() -> std::string {
    return relay_kafka_user.empty() == relay_kafka_password_file.empty() ? "" : "relay-kafka-user and relay-kafka-password-file go together";
  });
  settings.relation(
      [this]() -> std::string { return lanes_per_endpoint <= lanes ? "" : "webhook-lanes-per-endpoint must not be above webhook-lanes"; });
}

OutboxOptions Config::options() const {
  OutboxOptions options;
  options.secrets_dir = service.secrets_dir;
  options.sender.most_at_once = lanes;
  options.sender.allow_loopback = allow_loopback;
  options.sender.ca_file = ca_file;
  options.claimer.most_at_once = lanes;
  options.claimer.most_per_endpoint = lanes_per_endpoint;
  options.keep_delivered = keep_delivered;
  return options;
}

messaging::KafkaSettings Config::relay_kafka() const {
  auto kafka = foundation::kafka_settings(service);
  if (relay_kafka_user.empty()) return kafka;
  kafka.extra["sasl.username"] = relay_kafka_user;
  kafka.password_file = relay_kafka_password_file;
  return kafka;
}

}  // namespace countersign::outbox
