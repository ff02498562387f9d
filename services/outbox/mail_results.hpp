#pragma once

// MailResults: what the executor is told when a message to a customer is through: delivery.delivered or delivery.dead, once per message.
//
// Each function owes the message in the batch and returns its id, which is kept on the delivery's row. The batch must hold the ticket's
// key.

#include <string>

#include "base/uuid.hpp"
#include "contracts/mail_messages.hpp"
#include "pipeline/batch.hpp"

namespace countersign::outbox {

struct MailName {
  std::string tenant;
  std::string ticket;
  base::Uuid message;
  base::Uuid delivery;
  std::int64_t run = 0;
  std::int64_t step = 0;

  std::string key() const { return tenant + "/" + ticket; }
};

base::Uuid owe_delivered(pipeline::Batch& batch, const MailName& mail, const std::string& answer);
// Audited as mail_dead.
base::Uuid owe_dead(pipeline::Batch& batch, const MailName& mail, const std::string& code, bool maybe_sent, const std::string& answer);

}  // namespace countersign::outbox
