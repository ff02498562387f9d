#pragma once

// BenchBook: what became of each ticket of a benchmark: when it was meant to be sent, when it was, and when its webhook and its tool call
// came.
//
// Everything is measured from the time at which a ticket was MEANT to be sent. A generator that counted from when it got round to sending
// would leave out just the tickets that waited because the system, or the generator itself, was slow.
//
// Promise    All memory is taken when it is made: 48 bytes a ticket. Nothing is forgotten, so that what is late or comes twice is seen.
// Threads    set_offered(), note_webhook() and note_effect() by one thread each, at the same time; finished() by any; the rest when they
// are
//            over.
// Time       CLOCK_MONOTONIC in nanoseconds, as std::chrono::steady_clock and the stand-in's journal have it.

#include <atomic>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace countersign::cli {

// One ticket; times are 0 for what has not happened.
struct BenchTicket {
  std::int64_t intended = 0;
  std::int64_t offered = 0;      // when the producer had taken it
  std::int64_t webhook = 0;      // the first receipt
  std::uint64_t webhook_id = 0;  // a hash of it
  std::int64_t effect = 0;       // the last one at the tool: the ticket's work is done then
  std::uint16_t copies = 0;      // further receipts with the same id
  std::uint16_t strangers = 0;   // further receipts with another id
  std::uint16_t effects = 0;
};

class BenchBook {
 public:
  // Tickets are named LABEL-1 to LABEL-count, and so is everything that belongs to them.
  BenchBook(std::string label, std::size_t count) : label_(std::move(label)), tickets_(count) {}

  std::string name_of(std::size_t index) const { return label_ + "-" + std::to_string(index + 1); }
  // The ticket that a text names first, whatever stands around the name; absent when it is none of ours.
  std::optional<std::size_t> find_named_in(std::string_view text) const;

  void set_intended(std::size_t index, std::int64_t at) { tickets_[index].intended = at; }
  void set_offered(std::size_t index, std::int64_t at) { tickets_[index].offered = at; }
  void note_webhook(std::size_t index, std::string_view webhook_id, std::int64_t at);
  void note_effect(std::size_t index, std::int64_t at);

  std::size_t size() const noexcept { return tickets_.size(); }
  std::size_t finished() const noexcept { return finished_.load(std::memory_order_relaxed); }
  const std::vector<BenchTicket>& tickets() const noexcept { return tickets_; }
  // One line a ticket, for checkers that want to see for themselves.
  void write_csv(std::ostream& out) const;

 private:
  std::string label_;
  std::vector<BenchTicket> tickets_;
  std::atomic<std::size_t> finished_{0};
};

}  // namespace countersign::cli
