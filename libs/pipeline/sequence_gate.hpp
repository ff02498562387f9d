#pragma once

// Sequence gate: decides what becomes of each message of one key, by its gapless sequence.
//
//     last = 3, parked {6}, arriving 3 5 4 8   →   drop 3, apply 4 5 6, park 8, last = 6

#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

namespace countersign::pipeline {

struct GateInput {
  std::int64_t last = 0;               // of the last message applied
  std::vector<std::int64_t> arriving;  // in the order of the log
  std::set<std::int64_t> parked;       // stored earlier
  bool drain = true;                   // whether parked successors join this transaction
};

struct Admission {
  std::int64_t sequence = 0;
  bool from_parked = false;
  std::size_t index = 0;  // into `arriving` when not from_parked
};

struct GateVerdict {
  std::int64_t last = 0;
  std::vector<Admission> apply;      // in order
  std::vector<std::size_t> park;     // indices into `arriving`
  std::vector<std::int64_t> unpark;  // parked sequences that are applied now or were applied before
  std::size_t dropped = 0;           // duplicates
};

GateVerdict judge_sequences(const GateInput& input);

}  // namespace countersign::pipeline
