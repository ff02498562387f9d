#include "foundation/foundation.hpp"

namespace countersign::foundation {

namespace {

pipeline::CoreSettings core_settings(const runtime::ServiceSettings& settings) {
  pipeline::CoreSettings core;
  core.database = database_settings(settings);
  core.instance = settings.instance;
  core.shared_sessions = settings.database_sessions;
  core.most_rows = settings.max_batch_rows;
  core.flush_deadline = settings.stop_deadline / 3;  // several loops stop one after the other
  return core;
}

}  // namespace

postgres::ConnectionSettings database_settings(const runtime::ServiceSettings& settings) {
  postgres::ConnectionSettings database;
  database.conninfo = settings.database;
  database.password_file = settings.database_password_file;
  database.search_path = settings.service;
  return database;
}

messaging::KafkaSettings kafka_settings(const runtime::ServiceSettings& settings) {
  messaging::KafkaSettings kafka;
  kafka.bootstrap = settings.kafka_bootstrap;
  kafka.extra = {settings.kafka_set.begin(), settings.kafka_set.end()};
  kafka.password_file = settings.kafka_password_file;
  return kafka;
}

Foundation::Foundation(const runtime::ServiceSettings& settings, const pipeline::Territory& territory, runtime::Host& host)
    : host_(host),
      broker_(kafka_settings(settings), &host.telemetry().log),
      core_(broker_, territory, core_settings(settings), host.clock(), host.telemetry(),
            [&host](const std::string& condition, bool holds, const std::string& why_not) {
              host.readiness().set(condition, holds, why_not);
            }) {}

void Foundation::keep_fresh(catalog::Catalog& catalog, std::chrono::milliseconds every) {
  auto& refused =
      host_.telemetry().metrics.counter("configuration_refusals_total", "Revisions of the configuration that could not be read.");
  host_.readiness().expect("configuration", "not read yet");
  core_.add_chore("configuration", every, [this, &catalog, &refused](postgres::Session& session) {
    const auto moved = catalog.refresh(session);
    host_.readiness().set("configuration", catalog.ready(), moved ? "not read yet" : moved.error().detail);
    if (moved && *moved) host_.telemetry().log.info("configuration_read", {{"revision", catalog.current()->revision()}});
    if (moved) return;
    refused.add();
    host_.telemetry().log.error("configuration_refused", {{"code", moved.error().code}, {"detail", moved.error().detail}});
  });
}

int Foundation::run() { return host_.run(core_.loops<runtime::Loop>()); }

}  // namespace countersign::foundation
