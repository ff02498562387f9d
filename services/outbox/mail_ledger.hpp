#pragma once

// MailLedger: writes down, inside a batch, how attempts to send mail ended, and owes the result of every message that is through.
//
// Used by the recorder, for attempts whose end is known, and by the reaper, for those whose lane fell silent.
//
// Promise    An end counts only while its claim's token stands. A message is told of as delivered or dead in the transaction that makes it
//            so, and never again.
// Threads    One thread at a time.
// Ownership  Borrows telemetry.

#include <map>
#include <random>
#include <string>
#include <vector>

#include "outbox/mail_rules.hpp"
#include "pipeline/batch.hpp"
#include "telemetry/metrics.hpp"

namespace countersign::outbox {

struct EndedMail {
  base::Uuid delivery;
  base::Uuid token;
  std::string tenant;
  std::string ticket;
  std::string target;  // mailbox:NAME
  AttemptEnd end;
  std::vector<std::chrono::milliseconds> schedule;
  bool resend = false;  // what the mailbox says of messages that may have arrived
};

class MailLedger {
 public:
  explicit MailLedger(telemetry::Telemetry telemetry);

  // What a transaction did, to be told once it is committed.
  struct Tally {
    int late = 0;
    int delivered = 0;
    struct Dead {
      std::string tenant, target, delivery, code, error;
    };
    std::vector<Dead> dead;
  };

  // The keys that the batch must hold.
  static std::vector<std::string> keys_of(const std::vector<EndedMail>& mails);
  void record(pipeline::Batch& batch, const std::vector<EndedMail>& mails, Tally& tally);
  void tell(const Tally& tally);

 private:
  telemetry::Telemetry telemetry_;
  std::mt19937_64 random_{std::random_device{}()};
  telemetry::Counter& delivered_;
  telemetry::Counter& dead_;
  telemetry::Counter& late_;
};

}  // namespace countersign::outbox
