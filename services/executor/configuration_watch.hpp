#pragma once

// ConfigurationWatch: keeps the catalog at the revision that the database has, and lets whoever finds it behind have it refreshed at once.
//
// Threads    Every function may be called from any thread; refreshes take turns.
// Ownership  Borrows the catalog.
// Failure    refresh_once() throws what Session throws. A configuration that does not parse is logged, and the last one that did stays.

#include <memory>
#include <mutex>
#include <stop_token>
#include <string>

#include "base/clock.hpp"
#include "catalog/catalog.hpp"
#include "pipeline/batch.hpp"
#include "postgres/session.hpp"
#include "telemetry/metrics.hpp"

namespace countersign::executor {

class ConfigurationWatch {
 public:
  ConfigurationWatch(catalog::Catalog& catalog, postgres::ConnectionSettings database, base::Clock& clock, telemetry::Telemetry telemetry);

  // Null until the first refresh succeeded.
  std::shared_ptr<const catalog::Snapshot> current() const { return catalog_.current(); }
  // True when a new snapshot is there.
  bool refresh_once();
  void run(std::stop_token stop);

 private:
  catalog::Catalog& catalog_;
  postgres::ConnectionSettings database_;
  base::Clock& clock_;
  telemetry::Telemetry telemetry_;
  std::mutex mutex_;
  std::unique_ptr<postgres::Session> session_;
  std::string told_;  // mistakes that are in the log already
};

// Whether the database still has the configuration of this snapshot. In the batch's transaction: what is decided by it stands with it.
bool is_current(const catalog::Snapshot& snapshot, pipeline::Batch& batch);

}  // namespace countersign::executor
