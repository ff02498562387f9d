#pragma once

// ToolCaller: the lane that makes claimed calls, hundreds at a time on one thread.
//
//     take() ─▶ lease long enough? ─▶ still wanted? (one query per round) ─▶ held back? ─▶ first byte ─▶ answer ─▶ again in this claim?
//            ─▶ collect_ended()
//
// Promise    A call is put on the wire only while its lease covers the whole call, after the database said that its claim stands, its
//            run is not stopping and the configuration is still the one that allowed it. Every call that was taken ends in one report,
//            unless the process dies; then its lease ends.
// Not ours   Targets in trouble: call_brakes.hpp. Recording what became of it: result_recorder.hpp. Whether another claim follows:
//            domain/settle.hpp.
// Threads    One thread calls run() or call_once(); slots(), take(), collect_ended() and idle() from any.
// Ownership  Borrows the secrets, the clock, the bell and telemetry.
// Failure    None leaves run(): while the database cannot be asked, nothing is sent, and what waits too long is reported as not sent.
// Time       Leases by the monotonic clock.

#include <chrono>
#include <deque>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/bell.hpp"
#include "executor/call_brakes.hpp"
#include "executor/call_slots.hpp"
#include "executor/request_renderer.hpp"
#include "executor/tool_call.hpp"
#include "http/client.hpp"
#include "postgres/session.hpp"
#include "telemetry/metrics.hpp"

namespace countersign::executor {

struct CallerOptions {
  std::size_t most_at_once = 256;
  std::size_t most_per_tool = 128;                             // calls of one tenant to one tool
  http::AddressScope reach = http::AddressScope::public_only;  // public_and_loopback: manifests may allow loopback, for development
  std::string ca_file{};
  std::chrono::milliseconds last_calls{11'000};  // after a stop, how long to wait for answers under way
};

class ToolCaller {
 public:
  ToolCaller(postgres::ConnectionSettings database, const SecretDirectory& secrets, base::Clock& clock, base::Bell& ended,
             telemetry::Telemetry telemetry, CallerOptions options = {});
  ~ToolCaller();

  // What was taken and not yet collected fills its slot.
  CallSlots& slots() noexcept { return slots_; }
  // Each call has its slot. After a stop they are reported as not sent.
  void take(std::vector<ToolCall> calls);
  std::vector<CallReport> collect_ended();
  bool idle() const;  // nothing taken that was not collected

  // One turn: sends what is due, moves calls forward for up to `wait`. Returns the number of calls that ended.
  std::size_t call_once(std::chrono::milliseconds wait);
  // After a stop nothing more is sent; returns when the calls under way have ended or their time is over.
  void run(std::stop_token stop);

 private:
  struct Attempt;  // a call with what became of it so far
  using Attempts = std::list<std::unique_ptr<Attempt>>;

  void collect_taken();
  Attempts take_due();
  std::vector<bool> ask_wanted(const Attempts& due);
  void send_due();
  void send(std::unique_ptr<Attempt> attempt);
  bool covered(const Attempt& attempt) const;
  void end_unsent(std::unique_ptr<Attempt> attempt, std::string trouble, std::optional<std::chrono::milliseconds> again_after = {});
  void hear(std::unique_ptr<Attempt> attempt, const http::Outcome& outcome);
  void keep_result(Attempt& attempt, const http::Outcome& outcome) const;
  void end_or_repeat(std::unique_ptr<Attempt> attempt);
  void finish(std::unique_ptr<Attempt> attempt);
  void end_waiting();
  void close();
  void refuse_taken();  // holds the lock
  std::chrono::milliseconds wait_at_most(std::chrono::milliseconds wait) const;

  postgres::ConnectionSettings database_;
  base::Clock& clock_;
  base::Bell& bell_;
  CallerOptions options_;
  CallSlots slots_;
  RequestRenderer renderer_;
  CallBrakes brakes_;
  http::Client client_;
  std::unique_ptr<postgres::Session> session_;
  Attempts waiting_;           // to be sent now or later; the lane's thread only
  std::size_t ended_now_ = 0;  // in this turn
  telemetry::Counter& sent_;
  telemetry::Counter& repeated_;
  telemetry::Counter& called_off_;
  telemetry::Histogram& call_seconds_;

  mutable std::mutex mutex_;
  std::vector<ToolCall> taken_;
  std::vector<CallReport> ended_;
  std::size_t uncollected_ = 0;  // of all that was taken
  bool closed_ = false;          // run() is over
};

}  // namespace countersign::executor
