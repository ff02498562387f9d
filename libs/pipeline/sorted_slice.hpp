#pragma once

// Sorted: a slice of received messages, read and laid out by key, before the database is asked.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "pipeline/stage.hpp"

namespace countersign::pipeline {

struct Stage::Sorted {
  struct Sequenced {
    Arrival arrival;
    std::int64_t sequence = 0;
  };
  std::map<std::string, std::vector<Sequenced>> by_key;  // in the order of the log
  std::vector<Arrival> adrift;                           // no usable key or sequence: dead letters that no key answers for
  // Counted by admit(), which also moves the arrivals out of by_key: a slice that is tried again is sorted again.
  std::size_t duplicates = 0;
  std::size_t skipped = 0;
  std::size_t parked = 0;
};

inline std::map<messaging::TopicPartition, const messaging::Message*> last_offsets(
    const std::vector<std::shared_ptr<const messaging::Message>>& slice) {
  std::map<messaging::TopicPartition, const messaging::Message*> last;
  for (const auto& message : slice) last[message->at] = message.get();
  return last;
}

}  // namespace countersign::pipeline
