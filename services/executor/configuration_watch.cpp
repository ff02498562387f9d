#include "executor/configuration_watch.hpp"

#include "executor/sql.hpp"
#include "runtime/retrying_loop.hpp"

namespace countersign::executor {

ConfigurationWatch::ConfigurationWatch(catalog::Catalog& catalog, postgres::ConnectionSettings database, base::Clock& clock,
                                       telemetry::Telemetry telemetry)
    : catalog_(catalog), database_(std::move(database)), clock_(clock), telemetry_(telemetry) {}

bool ConfigurationWatch::refresh_once() {
  std::lock_guard turn(mutex_);
  if (!session_ || session_->broken()) session_ = std::make_unique<postgres::Session>(database_);
  const auto refreshed = catalog_.refresh(*session_);
  // Once for each way in which it is wrong: whoever waits for it asks again and again.
  const std::string mistakes = refreshed ? "" : refreshed.error().detail;
  if (!refreshed && mistakes != told_)
    telemetry_.log.error("configuration_refused", {{"code", refreshed.error().code}, {"detail", mistakes}});
  told_ = mistakes;
  return refreshed.value_or(false);
}

void ConfigurationWatch::run(std::stop_token stop) {
  base::Bell bell;
  runtime::run_retrying(
      "configuration_watch", clock_, telemetry_, std::move(stop), [this] { return refresh_once(); }, bell);
}

bool is_current(const catalog::Snapshot& snapshot, pipeline::Batch& batch) {
  const auto rows = batch.transaction().execute(sql::find_configuration_revision);
  return !rows.empty() && rows[0].get<std::int64_t>(0) == snapshot.revision();
}

}  // namespace countersign::executor
