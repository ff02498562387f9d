#include "outbox/config.hpp"

#include "foundation/foundation.hpp"

namespace countersign::outbox {

void Config::declare(runtime::Settings& settings) {
  using std::chrono::hours;
  using std::chrono::seconds;
  settings.integer(lanes, "webhook-lanes", "Webhook calls at the same time.", 512, 1, 2048);
  settings.integer(lanes_per_endpoint, "webhook-lanes-per-endpoint", "Webhook calls to one endpoint at the same time.", 64, 1, 256);
  settings.flag(allow_loopback, "allow-loopback-endpoints",
                "Endpoints and mail servers may be on this machine, without TLS: for development only.");
  settings.text(ca_file, "webhook-ca-file", "Certificates to trust instead of the system's, in PEM.", "");
  settings.duration(keep_delivered, "keep-delivered", "How long delivered deliveries are kept.", hours{24 * 30}, hours{1}, hours{24 * 400});
  settings.duration(disable_endpoints_after, "disable-endpoints-after",
                    "How long an endpoint may take nothing before it is disabled; what it is owed is kept.", default_patience, hours{1},
                    hours{24 * 365});
  settings.integer(mail_lanes, "mail-lanes", "Conversations with mail servers at the same time.", 8, 1, 256);
  settings.integer(mail_lanes_per_mailbox, "mail-lanes-per-mailbox", "Conversations for one mailbox at the same time.", 4, 1, 64);
  settings.text(smtp_ca_file, "smtp-ca-file", "Certificates to trust in mail servers instead of the system's, in PEM.", "");
  settings.text(smtp_hello_name, "smtp-hello-name", "Host name to introduce ourselves to mail servers with; empty: this machine's.", "");
  settings.duration(smtp_timeout, "smtp-timeout", "How long one conversation with a mail server may take.", seconds{60}, seconds{1},
                    seconds{600});
  settings.duration(mail_waits_for_mailbox, "mail-waits-for-mailbox",
                    "How long a due mail waits for a mailbox that is missing, disabled or without its password.", hours{24}, seconds{1},
                    hours{24 * 30});
  settings.text(relay_kafka_user, "relay-kafka-user", "Kafka user (sasl.username) of the relays, which may write what every service may.",
                "");
  settings.secret_file(relay_kafka_password_file, "relay-kafka-password-file", "File with the password of the relays' Kafka user.");
  settings.relation([this]() -> std::string {
    return relay_kafka_user.empty() == relay_kafka_password_file.empty() ? ""
                                                                         : "relay-kafka-user and relay-kafka-password-file go together";
  });
  settings.relation(
      [this]() -> std::string { return lanes_per_endpoint <= lanes ? "" : "webhook-lanes-per-endpoint must not be above webhook-lanes"; });
  settings.relation([this]() -> std::string {
    return mail_lanes_per_mailbox <= mail_lanes ? "" : "mail-lanes-per-mailbox must not be above mail-lanes";
  });
}

OutboxOptions Config::options() const {
  OutboxOptions options;
  options.secrets_dir = service.secrets_dir;
  options.sender.most_at_once = lanes;
  options.sender.allow_loopback = allow_loopback;
  options.sender.ca_file = ca_file;
  options.claimer.most_at_once = lanes;
  options.claimer.most_per_endpoint = lanes_per_endpoint;
  options.mailer.lanes = mail_lanes;
  options.mailer.allow_loopback = allow_loopback;
  options.mailer.ca_file = smtp_ca_file;
  options.mailer.hello_name = smtp_hello_name;
  options.mailer.timeout = smtp_timeout;
  options.mail_claimer.most_per_mailbox = mail_lanes_per_mailbox;
  options.mail_waits_for_mailbox = mail_waits_for_mailbox;
  options.keep_delivered = keep_delivered;
  options.disable_endpoints_after = disable_endpoints_after;
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
