#pragma once

// BenchGenerator: sends the tickets of an open-loop benchmark at the times they are meant for, whatever becomes of those before.
//
// Promise    Never waits for an answer of anybody. A ticket that is sent late is sent as soon as may be, and its lateness is in the book.
// Threads    One thread calls run().
// Ownership  Borrows the producer and the book.
// Failure    Records that Kafka refuses are counted, never sent again: the ticket stays unfinished.
// Time       Wakes up at most once a millisecond, which bounds both its own cost and its own lateness.

#include <cstdint>
#include <string>
#include <vector>

#include "cli/bench_book.hpp"
#include "messaging/producer.hpp"

namespace countersign::cli {

// A ticket.opened whose data is a text with the ticket's name wherever the template says {ticket}.
class BenchTemplate {
 public:
  // `event` is one JSON object, the data without tenant and ticket_id. Throws BadInput when the schema does not admit it.
  BenchTemplate(const std::string& event, std::string topic, std::vector<std::string> tenants);
  // Tenants take turns.
  messaging::Record record(std::size_t index, const std::string& ticket) const;

 private:
  std::string topic_;
  std::vector<std::string> tenants_;
  std::vector<std::string> pieces_;  // of the data, between the names
};

class BenchGenerator {
 public:
  BenchGenerator(messaging::Producer& producer, const BenchTemplate& event, BenchBook& book)
      : producer_(producer), event_(event), book_(book) {}

  // The book says when.
  void run();
  // Waits for what Kafka has still to confirm.
  void settle(std::chrono::milliseconds deadline);

  std::size_t confirmed() const noexcept { return confirmed_; }
  std::size_t refused() const noexcept { return refused_; }
  const std::string& error() const noexcept { return error_; }

 private:
  void offer(std::size_t index);
  void take_receipts(std::chrono::milliseconds wait);

  messaging::Producer& producer_;
  const BenchTemplate& event_;
  BenchBook& book_;
  std::size_t confirmed_ = 0;
  std::size_t refused_ = 0;
  std::string error_;
};

}  // namespace countersign::cli
