#pragma once

// MailboxKeys: which mailboxes can be used now, and with which password.
//
// A mailbox is usable when its document is enabled and the password that it names is there. What waits for another one stays ready, for a
// time (mail_reaper.hpp); it becomes usable by itself when the document or the file comes.
//
// Threads    usable() from any thread.
// Ownership  Borrows the secret files and telemetry. A usable mailbox points into the snapshot.

#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "catalog/catalog.hpp"
#include "outbox/delivery.hpp"
#include "outbox/secret_file.hpp"
#include "telemetry/metrics.hpp"

namespace countersign::outbox {

struct UsableMailbox {
  const catalog::Mailbox* mailbox = nullptr;
  base::Secret password;
};

class MailboxKeys {
 public:
  MailboxKeys(const SecretFiles& secrets, telemetry::Telemetry telemetry) : secrets_(secrets), telemetry_(telemetry) {}

  // Of these tenants, in their order.
  std::vector<UsableMailbox> usable(const catalog::Snapshot& configuration, const std::vector<std::string>& tenants);

 private:
  void tell(const catalog::Mailbox& mailbox, bool locked);

  const SecretFiles& secrets_;
  telemetry::Telemetry telemetry_;
  std::mutex mutex_;
  std::set<TargetName> locked_;  // told about
};

}  // namespace countersign::outbox
