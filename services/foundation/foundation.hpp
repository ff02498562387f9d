#pragma once

// Foundation: a service's footing as its settings describe it: the Kafka client and the core of loops on top of it.
//
//     int serve(const Config& config, runtime::Host& host) {
//       foundation::Foundation foundation{config.service, territory(), host};
//       foundation.keep_fresh(catalog, config.catalog_refresh);
//       foundation.core().add_stage(…);
//       return foundation.run();
//     }
//
// Threads    Built on the main thread.
// Ownership  Borrows the host. The handlers given to the core must outlive it: declare them before the foundation.
// Failure    As pipeline::ServiceCore; base::Misconfigured for settings that the Kafka client refuses.

#include "catalog/catalog.hpp"
#include "messaging/kafka/kafka_broker.hpp"
#include "pipeline/service_core.hpp"
#include "runtime/host.hpp"
#include "runtime/service_settings.hpp"

namespace countersign::foundation {

postgres::ConnectionSettings database_settings(const runtime::ServiceSettings& settings);
messaging::KafkaSettings kafka_settings(const runtime::ServiceSettings& settings);

class Foundation {
 public:
  Foundation(const runtime::ServiceSettings& settings, const pipeline::Territory& territory, runtime::Host& host);

  pipeline::ServiceCore& core() noexcept { return core_; }
  messaging::Broker& broker() noexcept { return broker_; }
  // Looks for a new revision of the configuration at this interval; readiness waits for the first and reports `configuration`. The
  // catalog must outlive run().
  void keep_fresh(catalog::Catalog& catalog, std::chrono::milliseconds every);
  // Runs every loop of the core until the process is asked to stop; returns the exit code.
  int run();

 private:
  runtime::Host& host_;
  messaging::KafkaBroker broker_;
  pipeline::ServiceCore core_;
};

}  // namespace countersign::foundation
