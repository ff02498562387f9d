#include "outbox/outbox_service.hpp"

#include "outbox/sql.hpp"
#include "runtime/retrying_loop.hpp"

namespace countersign::outbox {

namespace {

using namespace std::chrono_literals;

// Every schema that has an outbox table, our own included.
constexpr const char* relayed_schemas[] = {"planner", "executor", "approval", "outbox"};
constexpr std::int64_t most_forgotten_at_once = 5000;

}  // namespace

OutboxService::OutboxService(pipeline::ServiceCore& core, messaging::Broker& broker, const OutboxOptions& options)
    : parts_(core.parts()),
      catalog_({"tenant", "realm", "endpoint", "mailbox"}),
      due_(parts_.clock),
      keys_(options.secrets_dir, parts_.clock),
      sender_(parts_.clock, ended_, parts_.telemetry, options.sender),
      intake_claimer_(parts_, keys_, sender_, options.claimer),
      intake_(catalog_, intake_claimer_, due_, parts_.telemetry),
      claimer_(parts_, catalog_, keys_, sender_, due_, options.claimer),
      recorder_(parts_, sender_, ended_, due_, options.disable_endpoints_after),
      reaper_(parts_, due_),
      census_(parts_.telemetry),
      mail_secrets_(options.secrets_dir, parts_.clock),
      mailbox_keys_(mail_secrets_, parts_.telemetry),
      mailer_(parts_.clock, mail_ended_, parts_.telemetry, options.mailer),
      mail_intake_(mail_due_, parts_.telemetry),
      mail_claimer_(parts_, catalog_, mailbox_keys_, mailer_, mail_due_, options.mail_claimer),
      mail_recorder_(parts_, mailer_.desk(), mail_ended_, mail_due_),
      mail_reaper_(parts_, catalog_, mailbox_keys_, mail_due_, options.mail_waits_for_mailbox) {
  reaper_.reap_predecessors();
  add_relays(core, broker);
  add_chores(core, options.keep_delivered);
  add_lane(core);
  add_mail_lane(core);
  stage_ = &core.add_stage(intake_, {.topic = "outcomes", .acquaintance = pipeline::Acquaintance::fresh});
  mail_stage_ = &core.add_stage(mail_intake_, {.topic = "messages"});
}

void OutboxService::add_relays(pipeline::ServiceCore& core, messaging::Broker& broker) {
  for (const auto* schema : relayed_schemas) {
    auto& owned = relays_[schema];
    owned = std::make_unique<pipeline::OutboxRelay>(broker, core.database(), schema, parts_.clock, parts_.telemetry);
    const std::string name = std::string("relay ") + schema;
    core.add_loop(name, [this, name, relay = owned.get()](std::stop_token stop) {
      base::Bell bell;
      runtime::run_retrying(name, parts_.clock, parts_.telemetry, std::move(stop), [relay] { return relay->relay_once() > 0; }, bell,
                            {.pause = 1s});
    });
  }
}

void OutboxService::add_chores(pipeline::ServiceCore& core, std::chrono::milliseconds keep_delivered) {
  core.add_chore("catalog", 1s, [this](postgres::Session& session) { refresh_once(session); });
  core.add_chore("delivery census", 5s, [this](postgres::Session& session) { census_.count_once(session); });
  core.add_chore("mail census", 5s, [this](postgres::Session& session) { mail_reaper_.count_once(session); });
  core.add_chore("delivered deliveries", 1min, [keep_delivered](postgres::Session& session) {
    session.execute(sql::forget_delivered,
                    postgres::Parameters{}.add(std::chrono::microseconds{keep_delivered}).add(most_forgotten_at_once));
  });
}

void OutboxService::add_lane(pipeline::ServiceCore& core) {
  core.add_loop("delivery lease reaper", [this](std::stop_token stop) { reaper_.run(std::move(stop)); });
  core.add_loop("attempt recorder", [this](std::stop_token stop) { recorder_.run(std::move(stop)); });
  core.add_loop("webhook sender", [this](std::stop_token stop) { sender_.run(std::move(stop)); });
  core.add_loop("delivery claimer", [this](std::stop_token stop) { claimer_.run(std::move(stop)); });
}

void OutboxService::add_mail_lane(pipeline::ServiceCore& core) {
  core.add_loop("mail reaper", [this](std::stop_token stop) { mail_reaper_.run(std::move(stop)); });
  core.add_loop("mail recorder", [this](std::stop_token stop) { mail_recorder_.run(std::move(stop)); });
  core.add_loop("mailer", [this](std::stop_token stop) { mailer_.run(std::move(stop)); });
  core.add_loop("mail claimer", [this](std::stop_token stop) { mail_claimer_.run(std::move(stop)); });
}

void OutboxService::refresh_once(postgres::Session& session) {
  const auto refreshed = catalog_.refresh(session);
  const std::string trouble = refreshed ? "" : refreshed.error().code + ": " + refreshed.error().detail;
  if (!trouble.empty() && trouble != configuration_trouble_) parts_.telemetry.log.error("configuration_refused", {{"error", trouble}});
  configuration_trouble_ = trouble;
  if (!refreshed || !*refreshed) return;
  due_.ring();
  mail_due_.ring();
}

}  // namespace countersign::outbox
