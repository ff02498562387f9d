#pragma once

// MailIntake: accepts the messages to customers that the executor asks for, and takes back those that it does not want any more.
//
//     message.requested ─▶ a delivery, ready; or dead at once, when no mail server may be given such a letter
//     message.withdrawn ─▶ ready: dead, withdrawn      leased: what happens decides; it is not tried again      through: nothing
//
// Promise    A message is accepted once, however often it comes. Everything accepted ends in exactly one delivery.delivered or
//            delivery.dead, owed in the transaction that ends it. What is set aside because it cannot be read, or because no
//            process survived it, is answered too, as far as it still says whom it is about, and so is a withdrawal of what is not known:
//            nobody waits for what will not be sent.
// Not ours   Which mailbox: mail_claimer.hpp looks it up when it is due. A mailbox that does not exist yet may exist by then.
// Threads    As Handler. The bell rings after a commit.
// Ownership  Borrows the bell and telemetry.
// Failure    Sets aside what contradicts its key (key_contradicts_body, tenant_contradicts_key), and what
//            uses another ticket's id (message_of_another_ticket); neither is answered.

#include "base/bell.hpp"
#include "pipeline/handler.hpp"
#include "telemetry/metrics.hpp"

namespace countersign::outbox {

class MailIntake final : public pipeline::Handler {
 public:
  MailIntake(base::Bell& due, telemetry::Telemetry telemetry);

  bool wants(std::string_view type) const override;
  base::Result<std::any> decode(const contracts::Envelope& envelope, std::string_view data, std::string_view topic) const override;
  void apply(pipeline::Batch& batch) override;
  void committed() override;

 private:
  class Fold;

  base::Bell& due_;
  telemetry::Counter& accepted_;
  telemetry::Counter& repeated_;
  telemetry::Counter& withdrawn_;
  telemetry::Counter& dead_;
  struct Tally {
    int accepted = 0, repeated = 0, withdrawn = 0, dead = 0;
  } tally_;  // of the batch that is about to commit
};

}  // namespace countersign::outbox
