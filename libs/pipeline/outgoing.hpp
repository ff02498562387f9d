#pragma once

// Outgoing: a message that a committed transaction owes, with the outbox row that witnesses it.

#include <cstdint>
#include <optional>
#include <string>

#include "base/headers.hpp"
#include "base/uuid.hpp"

namespace countersign::pipeline {

struct Outgoing {
  base::Uuid id;  // of the outbox row, and ce_id
  std::string topic;
  std::string key;  // as text; a dead letter's true key is in raw_key
  std::string type;
  std::int64_t sequence = 0;
  std::optional<std::string> payload;
  base::Headers headers;
  bool raw = false;  // a dead letter: key and headers are the original's bytes
  std::optional<std::string> raw_key;
};

}  // namespace countersign::pipeline
