#pragma once

// A service that knows nothing of tickets: it writes down every message it applies, in order, and may owe one in return.

#include <gtest/gtest.h>

#include <functional>

#include "audit/migrations.hpp"
#include "messaging/memory/memory_broker.hpp"
#include "pipeline/migrations.hpp"
#include "pipeline/stage.hpp"
#include "pipeline/tests/tripping_broker.hpp"
#include "postgres/migrations.hpp"
#include "postgres/roles.hpp"
#include "postgres/testing/cutting_proxy.hpp"
#include "postgres/testing/scratch_database.hpp"

namespace countersign::pipeline::testing {

postgres::testing::Blueprint probe_blueprint();

// What dies when a handler kills its process; a test catches it and makes a new Life.
struct Killed {};

class ProbeHandler final : public Handler {
 public:
  bool wants(std::string_view type) const override { return type != "probe.boring"; }
  base::Result<std::any> decode(const contracts::Envelope&, std::string_view data, std::string_view) const override;
  void apply(Batch& batch) override;
  void committed() override { ++commits; }

  std::function<void(const Arrival&, Batch&)> on_arrival;  // called for each, before it is written down
  bool echo = false;                                       // owe a message on `echoes` for each
  int commits = 0;
};

// One life of the probe process: what a service builds at start, and loses when it dies.
struct Life {
  Life(messaging::Broker& broker, const postgres::ConnectionSettings& database, base::Clock& clock, ProbeHandler& handler,
       StageOptions options, const Publisher::Limits& limits, const std::string& instance = "probe-0");

  telemetry::Log log;
  telemetry::Metrics metrics;
  base::UuidV7Source ids;
  Incarnation incarnation;
  Publisher publisher;
  Stage stage;
};

// Of a publisher in a test: as the real ones, sooner.
Publisher::Limits impatient();

// Ends the session of the batch's transaction, as a server that fails over does.
void end_session(Batch& batch);
std::size_t rows_of(const Batch& batch);

class ProbeTest : public ::testing::Test {
 protected:
  ProbeTest();

  StageOptions options(bool sequenced = true) const;
  std::unique_ptr<Life> start(const std::string& instance = "probe-0") { return start_with(options(), instance); }
  std::unique_ptr<Life> start_with(const StageOptions& wish, const std::string& instance = "probe-0", const std::string& conninfo = "");
  postgres::ConnectionSettings settings() const;

  // Publishes {"n": n} with the sequence; no sequence header when it is 0.
  messaging::Message send(const std::string& key, std::int64_t sequence, const std::string& type = "probe.noted",
                          const std::string& data = "{}");
  // Turns the stage until it has committed `messages` or nothing happens for many turns.
  std::size_t run(Life& life, std::size_t messages);
  // Publishes what is owed and deletes what is confirmed.
  void settle(Life& life);

  // "1 2 3": sequences applied for the key, in order.
  std::string applied(const std::string& key);
  std::string applied_data(const std::string& key);
  std::string dead();  // "offset:reason …"
  std::int64_t count(const std::string& from);
  std::int64_t number(const std::string& select);

  base::SystemClock clock;
  messaging::MemoryBroker broker{clock};
  TrippingBroker tripping{broker};  // what every Life consumes from
  Publisher::Limits limits = impatient();
  std::chrono::milliseconds statement_timeout{5000};
  postgres::testing::ScratchDatabase database{probe_blueprint()};
  std::unique_ptr<postgres::Session> admin = database.connect();
  ProbeHandler handler;
};

extern const Territory probe_territory;

}  // namespace countersign::pipeline::testing
