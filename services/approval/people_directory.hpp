#pragma once

// PeopleDirectory: who is believed to be a person or an issuer now, for whoever records decisions.
//
// The rules of belief are those of catalog/trust.hpp; this class reads their material again when the configuration has moved.
//
// Promise    What was read once and disappears from the tables is still known: rows that somebody deletes or rolls back bring back nobody.
//            (A restart forgets, and reads the tables; what they hold needs the founders' file or two people's signatures all the same.)
// Threads    current() and get_fresh() on any thread; refresh() by one at a time.
// Failure    get_fresh() throws base::Unavailable until the tables have been read in their present revision: a decision waits rather than
//            be judged by people who may have left.

#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "catalog/trust.hpp"
#include "telemetry/metrics.hpp"

namespace countersign::approval {

struct BelievedPeople {
  catalog::Directory directory;
  std::int64_t revision = 0;  // of the configuration
};

class PeopleDirectory {
 public:
  PeopleDirectory(catalog::Founders founders, std::string environment, telemetry::Telemetry telemetry);

  void refresh(postgres::Session& session);
  std::shared_ptr<const BelievedPeople> current() const;  // null until the first refresh
  // As of the configuration that this transaction sees.
  std::shared_ptr<const BelievedPeople> get_fresh(postgres::Transaction& transaction) const;

 private:
  void report(const catalog::Directory& directory);

  const catalog::Founders founders_;
  const std::string environment_;
  telemetry::Log& log_;
  telemetry::Gauge& doubted_;
  catalog::TrustMaterial material_;
  std::set<std::string> reported_;  // what the log has said already
  mutable std::mutex mutex_;
  std::shared_ptr<const BelievedPeople> current_;
};

}  // namespace countersign::approval
