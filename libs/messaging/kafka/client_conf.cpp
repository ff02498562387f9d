#include "messaging/kafka/client_conf.hpp"

#include <set>

#include "base/errors.hpp"
#include "base/secret_line.hpp"

namespace countersign::messaging::kafka {

namespace {

// What the promises of this room rest on; a site that set one of these would break them without noticing.
const std::set<std::string>& ours() {
  static const std::set<std::string> names{"bootstrap.servers",
                                           "metadata.broker.list",
                                           "enable.auto.commit",
                                           "enable.auto.offset.store",
                                           "auto.commit.enable",
                                           "enable.idempotence",
                                           "auto.offset.reset",
                                           "partition.assignment.strategy",
                                           "partitioner",
                                           "group.id",
                                           "group.instance.id",
                                           "message.timeout.ms",
                                           "delivery.timeout.ms",
                                           "enable.partition.eof",
                                           "allow.auto.create.topics",
                                           "transactional.id",
                                           "log.queue",
                                           "acks",
                                           "request.required.acks",
                                           "max.in.flight.requests.per.connection",
                                           "max.in.flight",
                                           "retries",
                                           "message.send.max.retries"};
  return names;
}

void set(const Conf& conf, const std::string& name, const std::string& value) {
  char problem[512] = {};
  if (rd_kafka_conf_set(conf.get(), name.c_str(), value.c_str(), problem, sizeof problem) == RD_KAFKA_CONF_OK) return;
  const bool secret = name.find("password") != std::string::npos || name.find("secret") != std::string::npos;
  throw base::Misconfigured("Kafka property " + name + " is not accepted" + (secret ? std::string{} : std::string(": ") + problem));
}

Conf new_conf(int events) {
  Conf conf(rd_kafka_conf_new());
  rd_kafka_conf_set_events(conf.get(), events | RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_LOG);
  set(conf, "log.queue", "true");
  set(conf, "client.id", "countersign");
  set(conf, "socket.nagle.disable", "true");
  // A broker that restarts is back within seconds, and what has piled up waits for us; librdkafka's own ceiling is ten.
  set(conf, "reconnect.backoff.ms", "50");
  set(conf, "reconnect.backoff.max.ms", "300");
  set(conf, "topic.metadata.refresh.fast.interval.ms", "100");
  return conf;
}

// Last, so that a site's word wins over our defaults.
Conf with_site(Conf conf, const KafkaSettings& settings) {
  set(conf, "bootstrap.servers", settings.bootstrap);
  for (const auto& [name, value] : settings.extra) {
    if (ours().contains(name)) throw base::Misconfigured("Kafka property " + name + " is not open to configuration: promises rest on it");
    set(conf, name, value);
  }
  if (!settings.password_file.empty()) {
    set(conf, "sasl.password", base::read_secret_line(settings.password_file, "the Kafka password file").reveal());
  }
  return conf;
}

void set_offsets_are_the_callers(const Conf& conf) {
  set(conf, "enable.auto.commit", "false");
  set(conf, "enable.auto.offset.store", "false");
  set(conf, "auto.offset.reset", "error");
  set(conf, "allow.auto.create.topics", "false");
}

}  // namespace

Conf producer_conf(const KafkaSettings& settings) {
  auto conf = new_conf(RD_KAFKA_EVENT_DR);
  set(conf, "enable.idempotence", "true");
  set(conf, "partitioner", "murmur2_random");
  set(conf, "linger.ms", "0");
  set(conf, "message.timeout.ms", "0");  // nothing is given up: the outbox would only offer it again
  set(conf, "queue.buffering.max.messages", "100000");
  set(conf, "queue.buffering.max.kbytes", "65536");
  set(conf, "compression.type", "none");
  // As much as the topic of dead letters takes: the largest message, and why it is dead. Batches stay below what every topic takes.
  set(conf, "message.max.bytes", "2097152");
  set(conf, "batch.size", "1000000");
  set(conf, "retry.backoff.ms", "50");
  return with_site(std::move(conf), settings);
}

Conf member_conf(const KafkaSettings& settings, const ConsumerOptions& options) {
  auto conf = new_conf(RD_KAFKA_EVENT_REBALANCE | RD_KAFKA_EVENT_FETCH);
  set_offsets_are_the_callers(conf);
  set(conf, "group.id", options.group);
  if (!options.instance.empty()) set(conf, "group.instance.id", options.instance);
  set(conf, "partition.assignment.strategy", "range");
  set(conf, "session.timeout.ms", "8000");  // a takeover after a death must fit in 15 s
  set(conf, "heartbeat.interval.ms", "1000");
  // Above any burst: once this queue is full the next fetch waits for a second.
  set(conf, "queued.min.messages", "100000");
  set(conf, "queued.max.messages.kbytes", "32768");
  // A partition that is added has to wait for the fetch that is on its way; a topic where nothing happens costs the broker a request as
  // often.
  set(conf, "fetch.wait.max.ms", "300");
  set(conf, "fetch.error.backoff.ms", "100");
  return with_site(std::move(conf), settings);
}

Conf reader_conf(const KafkaSettings& settings, const std::string& group) {
  auto conf = new_conf(RD_KAFKA_EVENT_FETCH);
  set_offsets_are_the_callers(conf);
  set(conf, "group.id", group);  // assign() wants one; nothing is joined or committed under it
  set(conf, "enable.partition.eof", "true");
  // One message is wanted, but a client that finds all its queues full sleeps for a second, and the next question would wait for it.
  set(conf, "queued.min.messages", "100000");
  set(conf, "fetch.wait.max.ms", "10");
  set(conf, "fetch.error.backoff.ms", "20");
  return with_site(std::move(conf), settings);
}

Conf asker_conf(const KafkaSettings& settings) { return with_site(new_conf(0), settings); }

}  // namespace countersign::messaging::kafka
