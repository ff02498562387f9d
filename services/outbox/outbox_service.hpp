#pragma once

// OutboxService: the parts of the outbox service, and the order in which their loops start.
//
//     topic outcomes ──▶ DeliveryIntake ──▶ outbox.delivery ──▶ DeliveryClaimer ──▶ WebhookSender ──▶ endpoints
//                                                 ▲                                      │
//                                                 └── LeaseReaper ── AttemptRecorder ◀───┘
//     topic messages ──▶ MailIntake ──▶ outbox.delivery ──▶ MailClaimer ──▶ Mailer ──▶ mail servers
//                                               ▲                             │
//                                               └── MailReaper ── MailRecorder ──▶ topic delivery-results
//     every schema's stranded outbox rows ──▶ OutboxRelay ──▶ their topics
//
// Stopped in reverse: nothing more is claimed, the lane waits for answers under way, the recorder writes them down.
//
// Threads    Built on one thread; the core then runs the loops.
// Ownership  Borrows the core and the broker, which must outlive it. Must outlive the core's loops.
// Failure    The constructor throws what the core and BatchRunner throw.

#include <map>
#include <memory>
#include <string>

#include "catalog/catalog.hpp"
#include "outbox/attempt_recorder.hpp"
#include "outbox/delivery_census.hpp"
#include "outbox/delivery_claimer.hpp"
#include "outbox/delivery_intake.hpp"
#include "outbox/lease_reaper.hpp"
#include "outbox/mail_claimer.hpp"
#include "outbox/mail_intake.hpp"
#include "outbox/mail_reaper.hpp"
#include "outbox/mail_recorder.hpp"
#include "pipeline/outbox_relay.hpp"
#include "pipeline/service_core.hpp"

namespace countersign::outbox {

struct OutboxOptions {
  std::string secrets_dir;
  SenderOptions sender;
  ClaimerOptions claimer;
  MailerOptions mailer;
  MailClaimerOptions mail_claimer;
  std::chrono::milliseconds mail_waits_for_mailbox{std::chrono::hours{24}};
  std::chrono::milliseconds keep_delivered{std::chrono::hours{24 * 30}};
  std::chrono::milliseconds disable_endpoints_after{default_patience};
};

class OutboxService {
 public:
  OutboxService(pipeline::ServiceCore& core, messaging::Broker& broker, const OutboxOptions& options);

  // Reads the configuration when it has changed.
  void refresh_once(postgres::Session& session);

  // The parts whose turns tests take one by one.
  DeliveryClaimer& claimer() noexcept { return claimer_; }
  WebhookSender& sender() noexcept { return sender_; }
  AttemptRecorder& recorder() noexcept { return recorder_; }
  LeaseReaper& reaper() noexcept { return reaper_; }
  pipeline::Stage& stage() noexcept { return *stage_; }
  pipeline::Stage& mail_stage() noexcept { return *mail_stage_; }
  MailClaimer& mail_claimer() noexcept { return mail_claimer_; }
  Mailer& mailer() noexcept { return mailer_; }
  MailRecorder& mail_recorder() noexcept { return mail_recorder_; }
  MailReaper& mail_reaper() noexcept { return mail_reaper_; }
  pipeline::OutboxRelay& relay(const std::string& schema) { return *relays_.at(schema); }
  DeliveryCensus& census() noexcept { return census_; }

 private:
  void add_relays(pipeline::ServiceCore& core, messaging::Broker& broker);
  void add_chores(pipeline::ServiceCore& core, std::chrono::milliseconds keep_delivered);
  void add_lane(pipeline::ServiceCore& core);
  void add_mail_lane(pipeline::ServiceCore& core);

  pipeline::CoreParts parts_;
  catalog::Catalog catalog_;
  DueBell due_;
  base::Bell ended_, mail_due_, mail_ended_;
  SigningKeys keys_;
  WebhookSender sender_;
  IntakeClaimer intake_claimer_;
  DeliveryIntake intake_;
  DeliveryClaimer claimer_;
  AttemptRecorder recorder_;
  LeaseReaper reaper_;
  DeliveryCensus census_;
  SecretFiles mail_secrets_;
  MailboxKeys mailbox_keys_;
  Mailer mailer_;
  MailIntake mail_intake_;
  MailClaimer mail_claimer_;
  MailRecorder mail_recorder_;
  MailReaper mail_reaper_;
  std::map<std::string, std::unique_ptr<pipeline::OutboxRelay>> relays_;  // by schema
  pipeline::Stage* stage_ = nullptr;                                      // the core's, as the next
  pipeline::Stage* mail_stage_ = nullptr;
  std::string configuration_trouble_;
};

}  // namespace countersign::outbox
