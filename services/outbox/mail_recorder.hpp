#pragma once

// MailRecorder: writes down how the mailer's calls ended, and with that tells the executor what became of its messages.
//
// Promise    An end is recorded once, and only while its claim's token stands. What could not be recorded keeps its slot in the lane.
// Not ours   What follows from an end: mail_rules.hpp.
// Threads    One thread calls run() or record_once().
// Ownership  Borrows every constructor argument.
// Failure    record_once() throws what BatchRunner throws and keeps the reports; run() retries with backoff.

#include <stop_token>
#include <vector>

#include "base/bell.hpp"
#include "outbox/mail.hpp"
#include "outbox/mail_ledger.hpp"
#include "pipeline/batch_runner.hpp"

namespace countersign::outbox {

class MailRecorder {
 public:
  // `ended` is the lane's bell; `due` is rung after a commit, because slots are free.
  MailRecorder(pipeline::CoreParts parts, MailDesk& desk, base::Bell& ended, base::Bell& due);

  // Returns the number of reports that were recorded.
  std::size_t record_once();
  // Records what is left after a stop.
  void run(std::stop_token stop);

 private:
  pipeline::CoreParts parts_;
  MailDesk& desk_;
  base::Bell& ended_;
  base::Bell& due_;
  pipeline::BatchRunner runner_;
  MailLedger ledger_;
  std::vector<MailReport> pending_;
};

}  // namespace countersign::outbox
