#pragma once

// An executor without lanes: the two intakes on a broker in memory, and a real database. What lanes would do to a step, a test does itself
// with in_batch().

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "catalog/catalog.hpp"
#include "executor/no_plan_clock.hpp"
#include "executor/plan_intake.hpp"
#include "executor/territory.hpp"
#include "executor/ticket_intake.hpp"
#include "messaging/memory/memory_broker.hpp"
#include "pipeline/stage.hpp"
#include "schema/testing/fleet_database.hpp"

namespace countersign::executor::testing {

// What was published, in the order of the key.
struct Heard {
  std::string type;
  std::string key;
  std::int64_t sequence = 0;
  nlohmann::json data;
};

class IntakeTest : public ::testing::Test {
 protected:
  IntakeTest();

  // Documents become active at once.
  void configure(const std::vector<nlohmann::json>& documents);

  // To `tickets`; `id` is the event's, a new one where it is empty.
  void tell(const std::string& type, const nlohmann::json& data, const std::string& id = "", const std::string& topic = "tickets");
  void tell_raw(const std::string& key, const std::string& type, const std::string& bytes, const std::string& topic = "tickets");
  void open(const std::string& ticket, nlohmann::json fields = nlohmann::json::object(), const std::string& id = "");
  void update(const std::string& ticket, nlohmann::json fields, const std::string& id = "");
  void add_message(const std::string& ticket, const std::string& text);
  void close(const std::string& ticket);
  // To `plans`, with the next sequence of the key.
  void propose(const std::string& ticket, std::int64_t version, std::int64_t after, nlohmann::json steps, nlohmann::json end = nullptr);
  void send_plan(const std::string& key, const std::string& bytes);

  // Takes in everything that is there.
  void take_tickets();
  void take_plans();
  void take_in() { take_tickets(), take_plans(); }
  // Publishes what is owed and gives what the topic has for the ticket.
  std::vector<Heard> heard(const std::string& topic, const std::string& ticket);
  std::string heard_types(const std::string& topic, const std::string& ticket);  // "step.rejected run.stopped"

  // Does something to one ticket as a loop would.
  void in_batch(const std::string& ticket, const std::function<void(TicketCase&, pipeline::Batch&)>& action);
  void claim(const std::string& ticket, std::int32_t run, std::int32_t step);
  void succeed(const std::string& ticket, std::int32_t run, std::int32_t step, nlohmann::json result = nlohmann::json::object());

  std::int64_t number(const std::string& select);
  std::string text(const std::string& select);  // "" for NULL and for no row
  // "run:state:version[:stop_reason]" of every run.
  std::string runs(const std::string& ticket);
  std::string steps(const std::string& ticket);  // "1:succeeded 2:ready*", a star where it has its turn
  std::int64_t version(const std::string& ticket);
  std::string dead();  // reasons in the order of their names

  base::SystemClock clock;
  messaging::MemoryBroker broker{clock};
  postgres::testing::ScratchDatabase database{schema::fleet_blueprint()};
  std::unique_ptr<postgres::Session> admin = database.connect();
  postgres::ConnectionSettings connection = schema::settings_as(database, "executor");
  telemetry::Log log{"executor", "executor-0", telemetry::Level::error};
  telemetry::Metrics metrics;
  telemetry::Telemetry telemetry{log, metrics};
  base::UuidV7Source ids{clock};
  pipeline::Incarnation incarnation{connection, "executor-0", ids, clock, telemetry};
  pipeline::Publisher publisher{broker, connection, incarnation, clock, telemetry};
  pipeline::CoreParts parts{territory(), incarnation, publisher, ids, clock, telemetry, connection};
  catalog::Catalog catalog{{"tenant", "realm", "constant", "tool", "policy"}};
  CaseStore store;
  RunConductor conductor;
  PlanDesk plans{conductor, catalog, telemetry};
  base::Bell bell;
  TicketIntake ticket_intake{store, conductor, plans, catalog, bell, telemetry};
  PlanIntake plan_intake{store, plans, bell};
  std::unique_ptr<pipeline::Stage> ticket_stage;
  std::unique_ptr<pipeline::Stage> plan_stage;
  pipeline::BatchRunner runner{parts, "test"};

 private:
  std::map<std::string, std::int64_t> plan_sequences_;
  std::size_t tickets_sent_ = 0;
  std::size_t plans_sent_ = 0;
};

// A step that reads an order; a step that leaves a note, which is an effect.
nlohmann::json lookup(const std::string& name, const std::string& order = "o-1");
nlohmann::json note(const std::string& name, const std::string& text = "hello");

}  // namespace countersign::executor::testing
