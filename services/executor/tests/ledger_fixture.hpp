#pragma once

// What the tests of the ledger share: a database, one life of an executor's ledger loops, a configuration for a shop that refunds orders,
// and tools to call. Loops are turned by hand; nothing sleeps.

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>

#include "executor/approval_requester.hpp"
#include "executor/effect_claimer.hpp"
#include "executor/lease_reaper.hpp"
#include "executor/previewer.hpp"
#include "executor/reconciler.hpp"
#include "executor/result_recorder.hpp"
#include "executor/territory.hpp"
#include "executor/tests/order_system.hpp"
#include "executor/verdict_intake.hpp"
#include "http/server.hpp"
#include "http/tests/sockets.hpp"
#include "messaging/memory/memory_broker.hpp"
#include "postgres/testing/scratch_database.hpp"
#include "schema/testing/fleet_database.hpp"

namespace countersign::executor::testing {

// One life of the executor's ledger half, as the service builds it.
struct Life {
  Life(messaging::Broker& broker, const postgres::ConnectionSettings& database, const std::filesystem::path& secret_files,
       const crypto::SigningKey& approval_side, base::Clock& clock, const std::string& instance);

  pipeline::CoreParts parts() { return {territory(), incarnation, publisher, ids, clock, {log, metrics}, database}; }

  postgres::ConnectionSettings database;
  base::Clock& clock;
  telemetry::Log log{"executor", "test", telemetry::Level::error};
  telemetry::Metrics metrics;
  base::UuidV7Source ids;
  pipeline::Incarnation incarnation;
  pipeline::Publisher publisher;
  catalog::Catalog documents;
  ConfigurationWatch configuration;
  SecretDirectory secrets;
  CaseStore store;
  RunConductor conductor;
  base::Bell claimable;
  base::Bell ended;
  EffectSettler settler;
  ToolCaller caller;
  crypto::SigningKey approval_side;  // the countersigning key, which only tests have beside the anchors
  ApprovalKeys keys;
  base::Bell to_look;
  ApprovalRequester requester;
  ClaimDesk claims;
  EffectClaimer claimer;
  Previewer previewer;
  VerdictIntake verdicts;
  TurnClaimer turns_of_results;
  ResultRecorder recorder;
  ResultRecorder recorder_alone;  // leaves all claims to the claimer
  LeaseReaper reaper;
  Reconciler reconciler;
  pipeline::BatchRunner desk;  // for what the intake half would do
};

class LedgerTest : public ::testing::Test {
 protected:
  LedgerTest();
  ~LedgerTest() override;

  // ---- configuration
  json lookup_manifest() const;
  json refund_manifest() const;
  void install(const json& document);  // and makes it the active version
  void install_shop();                 // tenant, realm, both tools, policy

  // ---- tickets
  // Opens the ticket for this order by its owner, with a run whose accepted plan has these steps.
  void open(const std::string& ticket, const json& steps, const std::string& order = "A-17");
  // The same, with a run that waits for its first plan.
  void open_without_plan(const std::string& ticket, const std::string& order = "A-17");
  void change(const std::string& ticket, const std::function<void(TicketCase&, pipeline::Batch&)>& change);
  static json lookup_step();
  static json refund_step();  // of the amount that was captured
  static json both_steps() { return json::array({lookup_step(), refund_step()}); }

  // ---- turning the loops
  bool turn();                                             // each loop once; whether anything happened
  void run_until(const std::function<bool()>& condition);  // fails the test after ten seconds
  void run_to_end();                                       // until nothing is claimable, under way or to be recorded

  // ---- looking
  std::string step_state(const std::string& ticket, int step);
  std::string step_codes(const std::string& ticket, int step);
  std::string effect_state(const std::string& ticket, int step);
  std::string run_state(const std::string& ticket);  // "stopped resolved"
  std::int64_t number(const std::string& select);
  std::string word(const std::string& select);  // of one row and column; empty when there is none
  void let_leases_end();
  void let_looks_be_due(const std::string& unknown_for = "1 minute");

  Life& life() { return *life_; }
  std::unique_ptr<Life> another_life(const std::string& instance);

  base::SystemClock clock;
  messaging::MemoryBroker broker{clock};
  postgres::testing::ScratchDatabase database{schema::fleet_blueprint()};
  std::unique_ptr<postgres::Session> admin = database.connect();
  telemetry::Log log{"executor", "test", telemetry::Level::error};
  telemetry::Metrics metrics;
  OrderSystem orders{{log, metrics}};
  std::filesystem::path secret_files;
  bool claims_alone = false;  // turn() leaves every claim to the claimer, so that a test finds the step ready
  crypto::SigningKey approval_side{"approval-test", crypto::make_ed25519_key_pair()};

 private:
  void open_run(TicketCase& one, const std::string& order, pipeline::Batch& batch);

  std::unique_ptr<Life> life_;
};

}  // namespace countersign::executor::testing
