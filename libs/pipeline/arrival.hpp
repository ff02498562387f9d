#pragma once

// Arrival: a message as a batch sees it: the bytes, what they were read as, or why they could not be read.

#include <any>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "contracts/envelope.hpp"
#include "messaging/message.hpp"

namespace countersign::pipeline {

struct Arrival {
  std::shared_ptr<const messaging::Message> message;
  contracts::Envelope envelope;          // as far as it could be read
  std::any body;                         // what Handler::decode made of it; empty when skipped or refused
  std::optional<base::Refusal> refusal;  // set: it goes to the dead letters, and the handler only takes note
  bool wanted = true;                    // false: of a type the handler skips
};

// What one key has in a batch, in the order in which it is to be applied.
struct KeyedArrivals {
  std::string key;
  std::vector<Arrival> arrivals;
};

}  // namespace countersign::pipeline
