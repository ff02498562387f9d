#pragma once

// bench: offers tickets to a running fleet at a fixed rate, receives the webhooks they end with, and says how long that took.
//
//     BenchGenerator ──▶ topic tickets ──▶ the fleet ──▶ tools, whose receipts the stand-in's journal has
//            └──────── BenchBook ◀──────── BenchSink ◀──── webhooks
//
// It is open loop: a ticket is sent when it is due, however long the ones before take, and its latency counts from that time to the receipt
// at the sink. The endpoints of the tenants must point to the sink, at /TENANT/webhooks.
//
// Failure    exit_not_well when a ticket did not end, ended twice, or ended with something else.

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "cli/console.hpp"
#include "cli/reach.hpp"

namespace countersign::cli {

struct BenchWish {
  double rate = 100;
  double seconds = 10;
  double warm_up = 0;                                 // seconds at the same rate before, which are not measured
  std::optional<std::uint64_t> seed{};                // exponential gaps
  std::string label;                                  // of this run: what the names of its tickets begin with
  std::string event_file;                             // the data of a ticket, with {ticket} for its name
  std::map<std::string, std::string> secret_files{};  // tenant → file with its webhook secret; these tenants take turns
  std::string realm = "main";
  std::uint16_t port = 0;  // of the sink
  std::string expected_type = "ticket.resolved";
  std::string journal;        // of the stand-in
  double patience = 60;       // seconds for what has not ended when the last ticket was sent
  std::string document_file;  // the figures as JSON
  std::string tickets_file;   // every ticket as CSV
};

int bench(const Reach& reach, const BenchWish& wish, const Console& console);

}  // namespace countersign::cli
