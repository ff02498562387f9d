#pragma once

// BenchReport: the figures of a benchmark, from its book.
//
// Promise    Every ticket of the measured part is in every figure: one that is unfinished counts with the time that it has waited.
// Threads    One thread, when nobody writes the book any more.

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "cli/bench_book.hpp"
#include "cli/latency_histogram.hpp"

namespace countersign::cli {

struct BenchWindow {
  std::size_t first = 0;   // index of the first ticket that is measured; those before only warm the fleet up
  std::int64_t begin = 0;  // when it was meant to be sent
  std::int64_t sent = 0;   // when the last one was meant to be sent, and a gap more
  std::int64_t end = 0;    // when the benchmark stopped waiting
  bool tool = false;       // receipts at the tool were read
};

// How many tickets are on their way, over time: a straight line through four samples a second. Open loop means that nothing holds this
// down.
struct BenchBacklog {
  double slope = 0;  // tickets a second
  double mean = 0;
  std::int64_t most = 0;
};

struct BenchSecond {
  std::uint64_t sent = 0;        // meant to be
  std::uint64_t received = 0;    // at the sink
  std::int64_t outstanding = 0;  // at its end
  LatencyHistogram latency;      // of the tickets that were meant to be sent in it
};

class BenchReport {
 public:
  BenchReport(const BenchBook& book, const BenchWindow& window);

  const LatencyHistogram& sink() const noexcept { return sink_; }
  const LatencyHistogram& tool() const noexcept { return tool_; }
  const LatencyHistogram& lag() const noexcept { return lag_; }  // of the generator
  const BenchBacklog& backlog() const noexcept { return backlog_; }
  const std::vector<BenchSecond>& seconds() const noexcept { return seconds_; }

  std::uint64_t measured() const noexcept { return sink_.count(); }
  double offered_rate() const noexcept { return offered_rate_; }
  double achieved_rate() const noexcept { return achieved_rate_; }  // receipts within the window, over its length
  double drain_seconds() const noexcept { return drain_seconds_; }  // from the end of sending to the last receipt
  // Of all tickets, warming up included.
  std::uint64_t unfinished() const noexcept { return unfinished_; }
  std::uint64_t copies() const noexcept { return copies_; }        // webhooks that came again under the same id
  std::uint64_t strangers() const noexcept { return strangers_; }  // second webhooks under another id
  std::uint64_t idle() const noexcept { return idle_; }            // tickets without an effect at the tool
  std::uint64_t repeated() const noexcept { return repeated_; }    // tickets with more effects than `effects`

  nlohmann::json document() const;

 private:
  void measure(const std::vector<BenchTicket>& tickets);
  void judge(const std::vector<BenchTicket>& tickets);
  void draw_seconds(const std::vector<BenchTicket>& tickets);
  void fit_backlog(const std::vector<BenchTicket>& tickets);

  BenchWindow window_;
  LatencyHistogram sink_, tool_, lag_;
  BenchBacklog backlog_;
  std::vector<BenchSecond> seconds_;
  double offered_rate_ = 0, achieved_rate_ = 0, drain_seconds_ = 0;
  std::uint64_t unfinished_ = 0, copies_ = 0, strangers_ = 0, idle_ = 0, repeated_ = 0;
};

}  // namespace countersign::cli
