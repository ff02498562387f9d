#pragma once

// Mailer: the lane that hands claimed messages to mail servers, each on a thread of its own while it lasts.
//
//     take() ─▶ lease long enough? ─▶ compose ─▶ SMTP ─▶ collect_ended() ─▶ recorded: release()
//
// Promise    A message is sent at most once per claim, only while the lease covers the whole conversation, and always with the Message-ID
//            of its delivery. Every call that was taken ends in one report, unless the process dies; then its lease ends.
// Not ours   What an end means: mail_rules.hpp. Writing it down: mail_recorder.hpp.
// Threads    One thread calls run(), which keeps `lanes` threads; or tests call send_once(). Everything else from any thread.
// Ownership  Borrows the clock, the bell and telemetry.
// Failure    None leaves run(). The constructor throws base::Misconfigured when the CA file cannot be read.
// Time       Leases by the monotonic clock. After a stop what is under way has `grace`, then it is broken off within a second.

#include <chrono>
#include <map>
#include <stop_token>
#include <string>

#include "base/bell.hpp"
#include "http/smtp_client.hpp"
#include "outbox/mail.hpp"
#include "telemetry/metrics.hpp"

namespace countersign::outbox {

struct MailerOptions {
  std::size_t lanes = 8;
  bool allow_loopback = false;  // for development: mail servers on this machine, at any port
  std::string ca_file;          // empty: the system's
  std::string hello_name;       // empty: this machine's
  std::chrono::milliseconds timeout{60'000};
  std::chrono::milliseconds grace{3000};
};

class Mailer {
 public:
  // `ended` rings when there is something to record.
  Mailer(base::Clock& clock, base::Bell& ended, telemetry::Telemetry telemetry, MailerOptions options = {});

  MailDesk& desk() noexcept { return desk_; }
  // What a lease must cover: the conversation and the parting.
  std::chrono::milliseconds longest_call() const noexcept { return options_.timeout + std::chrono::milliseconds{2500}; }

  // Sends what was taken, one after the other. Returns the number of messages that ended.
  std::size_t send_once();
  void run(std::stop_token stop);

 private:
  void work(std::stop_token stop, std::stop_token abandon);
  void send(MailCall call, std::stop_token abandon);
  void end(MailCall call, AttemptEnd how);

  base::Clock& clock_;
  base::Bell& ended_bell_;
  MailerOptions options_;
  http::SmtpClient client_;
  MailDesk desk_;
  std::map<AttemptOutcome, telemetry::Counter*> ends_;
  telemetry::Histogram& seconds_;
};

// The message as it goes out, the same at every attempt as long as its mailbox stays the same.
base::Result<std::string> compose(const MailCall& call);
// How an attempt ended, in the words of deliveries.
AttemptEnd read_end(const http::SmtpOutcome& outcome);

}  // namespace countersign::outbox
