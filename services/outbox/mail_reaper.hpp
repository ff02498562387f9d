#pragma once

// MailReaper: ends what nobody else ends: messages whose lane fell silent, and messages whose mailbox never came.
//
// A silent lane may have sent the message. Its mailbox says what then: `resend`, and it is ready again under the same Message-ID, or `ask`,
// and it is dead with maybe_sent, so that a person finds out. Mailboxes that are unknown by now count as `ask`.
//
// Promise    Never touches a lease that runs, except those of an earlier life of this very instance, once, in the first turn.
// Threads    One thread calls run() or the turns.
// Ownership  Borrows every constructor argument.
// Failure    The turns throw what BatchRunner throws; run() retries with backoff. Nothing happens before a configuration was read.
// Time       Leases end by the database clock. A message waits for a usable mailbox for `patience` beyond its due time.

#include <stop_token>

#include "base/bell.hpp"
#include "catalog/catalog.hpp"
#include "outbox/mail_ledger.hpp"
#include "outbox/mailbox_keys.hpp"
#include "pipeline/batch_runner.hpp"

namespace countersign::outbox {

class MailReaper {
 public:
  MailReaper(pipeline::CoreParts parts, const catalog::Catalog& catalog, MailboxKeys& keys, base::Bell& due,
             std::chrono::milliseconds patience = std::chrono::hours{24});

  // Return the number of messages that were found.
  std::size_t reap_once();
  std::size_t give_up_stranded_once();
  // How many wait for a mailbox, and for how long the oldest is due.
  void count_once(postgres::Session& session);
  void run(std::stop_token stop);

 private:
  std::size_t settle(const postgres::Rows& ended, const catalog::Snapshot& configuration);

  pipeline::CoreParts parts_;
  const catalog::Catalog& catalog_;
  MailboxKeys& keys_;
  base::Bell& due_;
  std::chrono::milliseconds patience_;
  pipeline::BatchRunner runner_;
  MailLedger ledger_;
  bool predecessors_reaped_ = false;
  base::SteadyTime look_for_stranded_at_{};
  telemetry::Counter& reaped_;
  telemetry::Gauge& oldest_due_;
  telemetry::Gauge& waiting_;
};

}  // namespace countersign::outbox
