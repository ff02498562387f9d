#include "pipeline/service_core.hpp"

#include "base/backoff.hpp"
#include "pipeline/dead_letters.hpp"
#include "pipeline/slot_check.hpp"
#include "postgres/time_partitions.hpp"

namespace countersign::pipeline {

namespace {

using namespace std::chrono_literals;

CoreSettings completed(CoreSettings settings, const Territory& territory) {
  if (settings.database.search_path.empty()) settings.database.search_path = territory.service;
  settings.database.application_name = "countersign " + territory.service + " " + settings.instance;
  return settings;
}

}  // namespace

std::vector<std::string> topics_of_realms(const std::string& topic, const std::vector<std::string>& existing) {
  std::vector<std::string> found;
  for (const auto& name : existing)
    if (without_realm(name) == topic) found.push_back(name);
  if (found.empty()) found.push_back(topic);
  return found;
}

ServiceCore::ServiceCore(messaging::Broker& broker, Territory territory, CoreSettings settings, base::Clock& clock,
                         telemetry::Telemetry telemetry, Report report)
    : broker_(broker),
      territory_(std::move(territory)),
      settings_(completed(std::move(settings), territory_)),
      clock_(clock),
      telemetry_(telemetry),
      report_(std::move(report)),
      ids_(clock),
      pool_(settings_.database, settings_.shared_sessions),
      incarnation_(settings_.database, settings_.instance, ids_, clock, telemetry),
      publisher_(broker, settings_.database, incarnation_, clock, telemetry) {
  require_same_slots(*pool_.borrow(), territory_);
  std::vector<std::string> written{dead_letter_topic};
  for (const auto& output : territory_.outputs)
    for (const auto& topic : topics_of_realms(output, broker_.list_topics(output))) written.push_back(topic);
  broker_.warm(written);
  add_chore("time partitions", 1h, [](postgres::Session& session) { postgres::TimePartitionKeeper{}.keep_once(session); });
}

ServiceCore::~ServiceCore() = default;

CoreParts ServiceCore::parts() { return {territory_, incarnation_, publisher_, ids_, clock_, telemetry_, settings_.database}; }

Stage& ServiceCore::add_stage(Handler& handler, const StageWish& wish) {
  StageOptions options;
  options.topic = wish.topic;
  options.topics = topics_of_realms(wish.topic, broker_.list_topics(wish.topic));
  options.sequenced = wish.sequenced;
  options.acquaintance = wish.acquaintance;
  options.least_fill = wish.sequenced ? 1ms : 5ms;  // at the edge messages come one by one; between services a commit is already a burst
  options.most_rows = settings_.most_rows;
  options.instance = settings_.instance;
  const std::string condition = "stage " + wish.topic;
  options.report_readiness = [this, condition](bool ready, const std::string& why) { report_(condition, ready, why); };
  report_(condition, false, "not started");
  stages_.push_back(std::make_unique<Stage>(broker_, parts(), handler, std::move(options)));
  return *stages_.back();
}

void ServiceCore::add_chore(const std::string& name, std::chrono::milliseconds every, Chore chore) {
  add_loop(name, [this, name, every, chore = std::move(chore)](std::stop_token stop) { run_chore(name, every, chore, std::move(stop)); });
}

void ServiceCore::add_loop(const std::string& name, std::function<void(std::stop_token)> run) { added_.push_back({name, std::move(run)}); }

std::vector<NamedLoop> ServiceCore::named_loops() {
  std::vector<NamedLoop> all;
  all.push_back({"incarnation", [this](std::stop_token stop) { run_incarnation(std::move(stop)); }});
  all.push_back({"publisher", [this](std::stop_token stop) { run_publisher(std::move(stop)); }});
  all.insert(all.end(), added_.begin(), added_.end());
  for (const auto& stage : stages_)
    all.push_back({"stage " + stage->name(), [this, one = stage.get()](std::stop_token stop) { run_stage(*one, std::move(stop)); }});
  return all;
}

void ServiceCore::run_incarnation(std::stop_token stop) {
  incarnation_.run(std::move(stop));
  incarnation_.end();
}

void ServiceCore::run_publisher(std::stop_token stop) {
  publisher_.run(std::move(stop));
  publisher_.flush(settings_.flush_deadline);
}

void ServiceCore::run_stage(Stage& stage, std::stop_token stop) {
  stage.run(std::move(stop));
  stage.leave(settings_.flush_deadline);
}

void ServiceCore::run_chore(const std::string& name, std::chrono::milliseconds every, const Chore& chore, std::stop_token stop) {
  base::Backoff backoff{100ms, 5s};
  bool troubled = false;
  const auto endure = [&](const std::exception& trouble) {
    if (!troubled) telemetry_.log.warning("chore_waits", {{"chore", name}, {"error", trouble.what()}});
    troubled = true;
    clock_.wait(stop, backoff.next());
  };
  while (!stop.stop_requested()) {
    try {
      chore(*pool_.borrow());
      if (troubled) telemetry_.log.info("chore_goes_on", {{"chore", name}});
      troubled = false;
      backoff.reset();
      clock_.wait(stop, every);
    } catch (const base::Unavailable& trouble) {
      endure(trouble);
    } catch (const base::Conflict& trouble) {
      endure(trouble);
    }
  }
}

}  // namespace countersign::pipeline
