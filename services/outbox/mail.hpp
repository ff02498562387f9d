#pragma once

// MailCall: a claimed message to a customer on its way to the lane, with all that it takes to send it.

#include <memory>
#include <string>

#include "base/secret.hpp"
#include "catalog/catalog.hpp"
#include "contracts/mail_messages.hpp"
#include "outbox/lane_desk.hpp"

namespace countersign::outbox {

struct MailCall {
  Claim claim;
  contracts::MessageRequested message;
  std::shared_ptr<const catalog::Snapshot> configuration;  // keeps the mailbox
  const catalog::Mailbox* mailbox = nullptr;
  base::Secret password;
};

using MailDesk = LaneDesk<MailCall>;
using MailReport = MailDesk::Report;

// What stands in delivery.endpoint.
inline std::string mailbox_target(const std::string& mailbox) { return "mailbox:" + mailbox; }
inline TargetName target_of(const MailCall& call) { return {call.mailbox->tenant, mailbox_target(call.mailbox->name)}; }

}  // namespace countersign::outbox
