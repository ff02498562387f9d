#pragma once

// ServiceLab: one service in a test: its parts on a memory broker and a scratch database with the fleet's schema, turned by hand.
//
//     ServiceLab lab{planner::territory(), {"tickets", "plans"}, {"tenant", "realm"}};
//     lab.configure({R"({"kind":"tenant",…})"});
//     auto& stage = lab.core().add_stage(handler, {.topic = "tickets", .sequenced = false});
//     lab.send({…});
//     lab.run(stage, 1);
//     lab.sent("plans");
//
// Threads    One.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "catalog/catalog.hpp"
#include "contracts/message_key.hpp"
#include "messaging/memory/memory_broker.hpp"
#include "pipeline/service_core.hpp"
#include "schema/testing/fleet_database.hpp"

namespace countersign::foundation::testing {

struct Letter {
  std::string topic;
  std::string key = "acme/T-1";
  std::string type;
  std::string data;
  std::string id{};           // made up when empty
  std::int64_t sequence = 0;  // none when 0
};

class ServiceLab {
 public:
  ServiceLab(const pipeline::Territory& territory, const std::vector<std::string>& topics, std::vector<std::string> kinds)
      : log_(territory.service, "lab-0", telemetry::Level::error), catalog_(std::move(kinds)) {
    for (const auto& topic : topics) broker_.create_topic(topic, 2);
    broker_.create_topic("dead-letters", 1);
    auto administrator = database_.settings();
    administrator.search_path = territory.service;
    admin_ = std::make_unique<postgres::Session>(administrator);
    pipeline::CoreSettings settings;
    settings.database = schema::settings_as(database_, territory.service);
    settings.instance = "lab-0";
    core_ = std::make_unique<pipeline::ServiceCore>(broker_, territory, settings, clock_, telemetry(),
                                                    [](const std::string&, bool, const std::string&) {});
  }

  pipeline::ServiceCore& core() { return *core_; }
  catalog::Catalog& catalog() { return catalog_; }
  telemetry::Telemetry telemetry() { return {log_, metrics_}; }
  messaging::MemoryBroker& broker() { return broker_; }
  postgres::Session& admin() { return *admin_; }

  // Makes these documents active, and the catalog read them.
  void configure(const std::vector<std::string>& documents) {
    for (const auto& text : documents) insert_document(text);
    admin_->execute_script("UPDATE core.configuration SET revision = revision + 1");
    const auto refreshed = catalog_.refresh(*core_->pool().borrow());
    ASSERT_TRUE(refreshed) << refreshed.error().detail;
  }

  void send(const Letter& letter) {
    const auto key = contracts::split_key(letter.key).value_or(contracts::MessageKey{});
    messaging::Record record;
    record.topic = letter.topic;
    record.key = letter.key;
    record.value = letter.data;
    record.headers = {{"ce_specversion", "1.0"},       {"ce_id", letter.id.empty() ? "lab-" + std::to_string(++serial_) : letter.id},
                      {"ce_source", "urn:lab"},        {"ce_type", letter.type},
                      {"ce_tenant", key.tenant},       {"ce_subject", key.ticket},
                      {"ce_partitionkey", letter.key}, {"content-type", "application/json"}};
    if (letter.sequence > 0) record.headers.emplace_back("ce_sequence", std::to_string(letter.sequence));
    broker_.append(record);
  }

  // Turns the stage until it has committed this many messages, and publishes what is owed.
  void run(pipeline::Stage& stage, std::size_t messages) {
    std::size_t committed = 0;
    for (int turn = 0; turn < 2000 && committed < messages; ++turn) committed += stage.run_once(std::chrono::milliseconds{5});
    EXPECT_EQ(committed, messages);
    EXPECT_TRUE(core_->publisher().flush(std::chrono::seconds{5}));
  }

  // The data of all messages on a topic, by key in the order of the log.
  std::vector<nlohmann::json> sent(const std::string& topic, const std::string& key = "acme/T-1") const {
    std::vector<nlohmann::json> found;
    for (const auto& message : broker_.messages(topic))
      if (message.key == key) found.push_back(nlohmann::json::parse(message.value.value_or("null")));
    return found;
  }

  std::string dead() {
    std::string reasons;
    for (const auto row : admin_->execute({"lab_dead", "SELECT reason FROM dead_letter ORDER BY created_at, topic, log_offset"}))
      reasons += row.get<std::string>(0) + " ";
    return reasons;
  }
  std::int64_t number(const char* name, const std::string& select) {
    return admin_->execute({name, select.c_str()})[0].get<std::int64_t>(0);
  }

 private:
  void insert_document(const std::string& text) {
    const auto document = catalog::read_document(text);
    ASSERT_TRUE(document) << document.error().detail;
    const auto parameters = postgres::Parameters{}
                                .add(document->tenant)
                                .add(document->kind)
                                .add(document->name)
                                .add(document->version)
                                .add(text)
                                .add(document->digest);
    admin_->execute({"lab_insert_document",
                     "INSERT INTO core.document (tenant_id, kind, name, version, body, digest) "
                     "VALUES ($1::text, $2::text, $3::text, $4::bigint, ($5::text)::jsonb, $6::text)"},
                    parameters);
    const auto active = postgres::Parameters{}.add(document->tenant).add(document->kind).add(document->name).add(document->version);
    admin_->execute({"lab_activate",
                     "INSERT INTO core.activation (tenant_id, kind, name, version) VALUES ($1::text, $2::text, $3::text, $4::bigint) "
                     "ON CONFLICT (tenant_id, kind, name) DO UPDATE SET version = excluded.version"},
                    active);
  }

  base::SystemClock clock_;
  messaging::MemoryBroker broker_{clock_};
  postgres::testing::ScratchDatabase database_{schema::fleet_blueprint()};
  telemetry::Log log_;
  telemetry::Metrics metrics_;
  catalog::Catalog catalog_;
  std::unique_ptr<postgres::Session> admin_;
  std::unique_ptr<pipeline::ServiceCore> core_;
  int serial_ = 0;
};

}  // namespace countersign::foundation::testing
