#pragma once

// MailClaimer: gives due messages to the mailer, at most as many as it has threads free.
//
// Tenants take turns, within a tenant its mailboxes, and a mailbox has at most `most_per_mailbox` conversations under way, so that a mail
// server that hangs holds up only its own.
//
// Promise    A message is handed on only after its claim is committed, and only for a usable mailbox.
// Threads    One thread calls run() or claim_once(). The bell may be rung from anywhere.
// Ownership  Borrows every constructor argument.
// Failure    claim_once() throws what BatchRunner throws; nothing was claimed then. run() retries with backoff.
// Time       The lease is the longest call plus two seconds.

#include <memory>
#include <stop_token>

#include "base/bell.hpp"
#include "catalog/catalog.hpp"
#include "outbox/delivery_claims.hpp"
#include "outbox/mailbox_keys.hpp"
#include "outbox/mailer.hpp"

namespace countersign::outbox {

struct MailClaimerOptions {
  std::size_t most_per_mailbox = 4;
  std::chrono::milliseconds lease_beyond_call{2000};
  std::chrono::milliseconds poll{200};
};

class MailClaimer {
 public:
  MailClaimer(pipeline::CoreParts parts, const catalog::Catalog& catalog, MailboxKeys& keys, Mailer& mailer, base::Bell& due,
              MailClaimerOptions options = {});

  // Returns the number of messages that were claimed.
  std::size_t claim_once();
  void run(std::stop_token stop);

 private:
  std::vector<ClaimWish> make_wishes(const std::vector<UsableMailbox>& mailboxes, const LaneLoad& load) const;
  MailCall make_call(GrantedClaim granted, const UsableMailbox& usable,
                     const std::shared_ptr<const catalog::Snapshot>& configuration) const;

  pipeline::CoreParts parts_;
  const catalog::Catalog& catalog_;
  MailboxKeys& keys_;
  Mailer& mailer_;
  base::Bell& due_;
  MailClaimerOptions options_;
  pipeline::BatchRunner runner_;
  std::size_t turn_ = 0;  // whose tenant is first
  telemetry::Counter& claimed_;
};

}  // namespace countersign::outbox
