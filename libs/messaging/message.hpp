#pragma once

// Message: one record as it lies on a log; Record: one that is to be written.

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/headers.hpp"

namespace countersign::messaging {

struct TopicPartition {
  std::string topic;
  std::int32_t partition = 0;
  friend auto operator<=>(const TopicPartition&, const TopicPartition&) = default;
};

struct Position {
  TopicPartition at;
  std::int64_t offset = 0;  // of the next message to read
};

struct Message {
  TopicPartition at;
  std::int64_t offset = 0;
  base::WallTime timestamp{};
  std::optional<std::string> key;
  std::optional<std::string> value;  // absent: a tombstone
  base::Headers headers;
};

struct Record {
  std::string topic;
  std::optional<std::string> key;
  std::optional<std::string> value;
  base::Headers headers;
  std::uint64_t token = 0;  // comes back in the receipt
};

}  // namespace countersign::messaging
