#include "cli/bench_report.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace countersign::cli {

namespace {

using nlohmann::json;
using std::chrono::nanoseconds;

constexpr std::int64_t second = 1'000'000'000;
constexpr std::int64_t between_samples = second / 4;

double millis(std::chrono::microseconds time) { return static_cast<double>(time.count()) / 1e3; }
double seconds_of(std::int64_t time) { return static_cast<double>(time) / 1e9; }

// What had not happened by the end has waited until then.
nanoseconds waited(const BenchTicket& ticket, std::int64_t until, std::int64_t end) {
  return nanoseconds{(until != 0 ? until : std::max(end, ticket.intended)) - ticket.intended};
}

json percentiles(const LatencyHistogram& seen) {
  json buckets = json::array();
  for (const auto& [up_to, count] : seen.buckets()) buckets.push_back({up_to.count(), count});
  return {{"count", seen.count()},
          {"p50_ms", millis(seen.percentile(50))},
          {"p90_ms", millis(seen.percentile(90))},
          {"p99_ms", millis(seen.percentile(99))},
          {"p99_9_ms", millis(seen.percentile(99.9))},
          {"max_ms", millis(seen.longest_seen())},
          {"buckets_us", buckets}};
}

// Times of all receipts, in order.
std::vector<std::int64_t> receipts(const std::vector<BenchTicket>& tickets) {
  std::vector<std::int64_t> times;
  times.reserve(tickets.size());
  for (const auto& one : tickets) {
    if (one.webhook != 0) times.push_back(one.webhook);
  }
  std::sort(times.begin(), times.end());
  return times;
}

std::int64_t count_until(const std::vector<std::int64_t>& times, std::int64_t at) {
  return std::upper_bound(times.begin(), times.end(), at) - times.begin();
}

}  // namespace

BenchReport::BenchReport(const BenchBook& book, const BenchWindow& window) : window_(window) {
  measure(book.tickets());
  judge(book.tickets());
  draw_seconds(book.tickets());
  fit_backlog(book.tickets());
}

void BenchReport::measure(const std::vector<BenchTicket>& tickets) {
  std::int64_t last_offer = window_.begin, last_receipt = window_.sent;
  std::uint64_t within = 0;
  for (std::size_t i = 0; i < tickets.size(); ++i) {
    const auto& one = tickets[i];
    last_receipt = std::max(last_receipt, one.webhook);
    if (one.webhook >= window_.begin && one.webhook < window_.sent) ++within;
    if (i < window_.first) continue;
    sink_.record(waited(one, one.webhook, window_.end));
    lag_.record(waited(one, one.offered, window_.end));
    if (window_.tool) tool_.record(waited(one, one.effect, window_.end));
    last_offer = std::max(last_offer, one.offered);
  }
  offered_rate_ = static_cast<double>(measured()) / seconds_of(std::max(last_offer, window_.sent) - window_.begin);
  achieved_rate_ = static_cast<double>(within) / seconds_of(window_.sent - window_.begin);
  drain_seconds_ = seconds_of(last_receipt - window_.sent);
}

void BenchReport::judge(const std::vector<BenchTicket>& tickets) {
  for (const auto& one : tickets) {
    unfinished_ += one.webhook == 0;
    copies_ += one.copies;
    strangers_ += one.strangers;
    idle_ += one.effects == 0;
    repeated_ += one.effects > 1;
  }
}

void BenchReport::draw_seconds(const std::vector<BenchTicket>& tickets) {
  seconds_.resize(static_cast<std::size_t>((window_.sent - window_.begin + second - 1) / second));
  const auto second_at = [&](std::int64_t time) -> BenchSecond* {
    const auto index = time < window_.begin ? seconds_.size() : static_cast<std::size_t>((time - window_.begin) / second);
    return index < seconds_.size() ? &seconds_[index] : nullptr;
  };
  for (std::size_t i = 0; i < tickets.size(); ++i) {
    if (auto* at = second_at(tickets[i].intended)) {
      ++at->sent;
      at->latency.record(waited(tickets[i], tickets[i].webhook, window_.end));
    }
    if (auto* at = second_at(tickets[i].webhook)) ++at->received;
  }
}

void BenchReport::fit_backlog(const std::vector<BenchTicket>& tickets) {
  const auto times = receipts(tickets);
  std::size_t due = 0;
  double n = 0, sum_x = 0, sum_y = 0, sum_xx = 0, sum_xy = 0;
  for (std::int64_t at = window_.begin; at <= window_.sent; at += between_samples) {
    while (due < tickets.size() && tickets[due].intended <= at) ++due;
    const auto outstanding = static_cast<std::int64_t>(due) - count_until(times, at);
    const double x = seconds_of(at - window_.begin), y = static_cast<double>(outstanding);
    n += 1, sum_x += x, sum_y += y, sum_xx += x * x, sum_xy += x * y;
    backlog_.most = std::max(backlog_.most, outstanding);
    const auto index = static_cast<std::size_t>((at - window_.begin) / second);
    if (index < seconds_.size()) seconds_[index].outstanding = outstanding;
  }
  const double spread = n * sum_xx - sum_x * sum_x;
  backlog_.mean = n > 0 ? sum_y / n : 0;
  backlog_.slope = spread > 0 ? (n * sum_xy - sum_x * sum_y) / spread : 0;
}

json BenchReport::document() const {
  json seconds = json::array();
  for (const auto& one : seconds_)
    seconds.push_back({{"sent", one.sent},
                       {"received", one.received},
                       {"outstanding", one.outstanding},
                       {"p50_ms", millis(one.latency.percentile(50))},
                       {"p99_ms", millis(one.latency.percentile(99))},
                       {"max_ms", millis(one.latency.longest_seen())}});
  return {{"begin_ns", window_.begin},
          {"sent_ns", window_.sent},
          {"end_ns", window_.end},
          {"measured", measured()},
          {"warming", window_.first},
          {"offered_per_second", offered_rate_},
          {"achieved_per_second", achieved_rate_},
          {"sink", percentiles(sink_)},
          {"tool", window_.tool ? percentiles(tool_) : json(nullptr)},
          {"generator_lag", percentiles(lag_)},
          {"backlog", {{"slope_per_second", backlog_.slope}, {"mean", backlog_.mean}, {"most", backlog_.most}}},
          {"drain_seconds", drain_seconds_},
          {"unfinished", unfinished_},
          {"copies", copies_},
          {"strangers", strangers_},
          {"without_effect", idle_},
          {"with_more_effects", repeated_},
          {"seconds", seconds}};
}

}  // namespace countersign::cli
