#pragma once

// ServiceCore: what every service on the processing core is built around: ids, this life of the process, the publisher, shared sessions,
// and the list of loops in the order in which they start.
//
//     ServiceCore core{broker, territory, settings, clock, telemetry, report};
//     core.add_chore("catalog", 1s, [&](postgres::Session& session) { … });
//     core.add_loop("claims", [&](std::stop_token stop) { … });
//     core.add_stage(intake, {.topic = "tickets", .sequenced = false});
//     return host.run(core.loops<runtime::Loop>());          // which stops them in reverse
//
// Promise    loops() begins with incarnation and publisher and ends with the stages. Stopped in reverse: the stages take nothing new, lanes
//            and chores finish, the publisher sends what is owed, and only then does the incarnation end, so that nobody relays rows that
//            we still send ourselves.
// Threads    Built on one thread; each loop then runs on its own.
// Ownership  Owns everything but the constructor's references and the handlers, which must outlive the loops.
// Failure    The constructor and add_stage() throw base::Unavailable when PostgreSQL or Kafka cannot be reached, which ends a starting
//            process, and base::Misconfigured when the schema belongs to another build.

#include <chrono>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "messaging/broker.hpp"
#include "pipeline/batch_runner.hpp"
#include "pipeline/stage.hpp"
#include "postgres/pool.hpp"

namespace countersign::pipeline {

struct NamedLoop {
  std::string name;
  std::function<void(std::stop_token)> run;
};

struct CoreSettings {
  postgres::ConnectionSettings database;  // search_path and application_name are filled in when empty
  std::string instance;                   // stable per replica
  std::size_t shared_sessions = 4;
  std::size_t most_rows = 1000;  // messages in one transaction
  std::chrono::milliseconds flush_deadline{3000};
};

struct StageWish {
  std::string topic;      // without realm; the topics of all realms that exist at start are consumed
  bool sequenced = true;  // false: from outside
  Acquaintance acquaintance = Acquaintance::mixed;  // with the keys of its messages
};

class ServiceCore {
 public:
  // A named condition for readiness; called often, from many threads.
  using Report = std::function<void(const std::string& condition, bool holds, const std::string& why_not)>;
  using Chore = std::function<void(postgres::Session&)>;

  ServiceCore(messaging::Broker& broker, Territory territory, CoreSettings settings, base::Clock& clock, telemetry::Telemetry telemetry,
              Report report);
  ~ServiceCore();
  ServiceCore(const ServiceCore&) = delete;
  ServiceCore& operator=(const ServiceCore&) = delete;

  // For BatchRunner: every loop that changes a ticket has a runner of its own.
  CoreParts parts();
  postgres::Pool& pool() noexcept { return pool_; }
  base::UuidSource& ids() noexcept { return ids_; }
  Incarnation& incarnation() noexcept { return incarnation_; }
  Publisher& publisher() noexcept { return publisher_; }
  const Territory& territory() const noexcept { return territory_; }
  const postgres::ConnectionSettings& database() const noexcept { return settings_.database; }

  // Its readiness is reported as `stage TOPIC`.
  Stage& add_stage(Handler& handler, const StageWish& wish);
  // Does it at once and then at this interval, with a shared session. An outage is logged when it begins and survived; what else the chore
  // throws ends the process.
  void add_chore(const std::string& name, std::chrono::milliseconds every, Chore chore);
  // Loops are stopped in the reverse of the order in which they were added, after the stages.
  void add_loop(const std::string& name, std::function<void(std::stop_token)> run);

  template <typename Loop>
  std::vector<Loop> loops() {
    std::vector<Loop> all;
    for (auto& loop : named_loops()) all.push_back(Loop{std::move(loop.name), std::move(loop.run)});
    return all;
  }
  std::vector<NamedLoop> named_loops();

 private:
  void run_incarnation(std::stop_token stop);
  void run_publisher(std::stop_token stop);
  void run_stage(Stage& stage, std::stop_token stop);
  void run_chore(const std::string& name, std::chrono::milliseconds every, const Chore& chore, std::stop_token stop);

  messaging::Broker& broker_;
  const Territory territory_;
  const CoreSettings settings_;
  base::Clock& clock_;
  telemetry::Telemetry telemetry_;
  Report report_;
  base::UuidV7Source ids_;
  postgres::Pool pool_;
  Incarnation incarnation_;
  Publisher publisher_;
  std::vector<std::unique_ptr<Stage>> stages_;
  std::vector<NamedLoop> added_;
};

// The topics of all realms among `existing`; `topic` itself when there are none.
std::vector<std::string> topics_of_realms(const std::string& topic, const std::vector<std::string>& existing);

}  // namespace countersign::pipeline
