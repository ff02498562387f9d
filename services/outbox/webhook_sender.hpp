#pragma once

// WebhookSender: the lane that makes claimed deliveries' calls, hundreds at a time on one thread.
//
//     take() ─▶ lease long enough? ─▶ sign ─▶ POST ─▶ answer ─▶ collect_ended() ─▶ recorded: release()
//
// Promise    Nothing is sent without a signature, and only while the lease covers the whole call. Redirects are not followed. Every call
//            that was taken ends in one report, unless the process dies or the grace after a stop is over; then its lease ends.
// Not ours   What an end means: delivery_rules.hpp. Writing it down: attempt_recorder.hpp.
// Threads    One thread calls run() or send_once(); everything else from any.
// Ownership  Borrows the clock, the bell and telemetry.
// Failure    None leaves run().
// Time       Leases by the monotonic clock; the timestamp that is signed by the wall clock.

#include <chrono>
#include <stop_token>
#include <string>
#include <vector>

#include "base/bell.hpp"
#include "http/client.hpp"
#include "outbox/lane_desk.hpp"
#include "telemetry/metrics.hpp"

namespace countersign::outbox {

using WebhookDesk = LaneDesk<WebhookCall>;
using AttemptReport = WebhookDesk::Report;

struct SenderOptions {
  std::size_t most_at_once = 512;
  bool allow_loopback = false;            // for development: plain http to this machine
  std::string ca_file;                    // empty: the system's
  std::chrono::milliseconds grace{3000};  // after a stop, how long to wait for answers under way
};

class WebhookSender {
 public:
  // `ended` rings when there is something to record.
  WebhookSender(base::Clock& clock, base::Bell& ended, telemetry::Telemetry telemetry, SenderOptions options = {});

  LaneLoad load() const { return desk_.load(); }
  // Slots for calls that are about to be claimed.
  WebhookDesk& desk() noexcept { return desk_; }
  // Calls that are claimed, each with a slot that was held for it.
  void take(std::vector<WebhookCall> calls);
  std::vector<AttemptReport> collect_ended(std::size_t most) { return desk_.collect_ended(most); }
  void release(const std::vector<AttemptReport>& recorded) { desk_.release(recorded); }

  // One turn: sends what was taken, moves calls forward for up to `wait`. Returns the number of calls that ended.
  std::size_t send_once(std::chrono::milliseconds wait);
  void run(std::stop_token stop);

 private:
  void send(WebhookCall call);
  void end(WebhookCall call, AttemptEnd how);

  base::Clock& clock_;
  base::Bell& ended_bell_;
  SenderOptions options_;
  http::Client client_;
  WebhookDesk desk_;
  std::size_t ended_now_ = 0;  // in this turn
  telemetry::Counter& sent_;
  telemetry::Counter& called_off_;
  telemetry::Histogram& call_seconds_;
};

// How an attempt ended, as far as the wire can tell.
AttemptEnd read_end(const http::Outcome& outcome, base::WallTime now);

}  // namespace countersign::outbox
