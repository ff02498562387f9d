// outbox: delivers what the fleet has to tell, and publishes what dead processes still owe.
//
//     topic outcomes ──▶ DeliveryIntake ──▶ outbox.delivery ──▶ DeliveryClaimer ──▶ WebhookSender ──▶ tenants' endpoints
//     topic messages ──▶ MailIntake ──▶ outbox.delivery ──▶ MailClaimer ──▶ Mailer ──▶ mail servers ──▶ topic delivery-results
//     every schema's stranded outbox rows ──▶ OutboxRelay ──▶ their topics
//
// This file hands the settings to the parts. It decides nothing.

#include "foundation/foundation.hpp"
#include "outbox/config.hpp"
#include "outbox/territory.hpp"

namespace {

using namespace countersign;

int serve(const outbox::Config& config, runtime::Host& host) {
  foundation::Foundation foundation{config.service, outbox::territory(), host};
  messaging::KafkaBroker relay_broker{config.relay_kafka(), &host.telemetry().log};
  outbox::OutboxService service{foundation.core(), relay_broker, config.options()};
  return foundation.run();
}

}  // namespace

int main(int argc, char** argv) {
  return runtime::service_main<outbox::Config>(argc, argv, {"outbox", "Delivers webhooks and mail, and relays what dead processes owe."},
                                               serve);
}
