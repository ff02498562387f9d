#pragma once

// Where a key goes: the placement that Java and Node clients, and librdkafka's murmur2_random, agree on, so that every writer of a topic
// puts the same ticket on the same partition.
//
// Source: Kafka's org.apache.kafka.common.utils.Utils.murmur2 (MurmurHash2 by A. Appleby, seed 0x9747b28c), sign bit cleared.

#include <cstdint>
#include <string_view>

namespace countersign::messaging {

constexpr std::uint32_t murmur2(std::string_view bytes) {
  constexpr std::uint32_t mix = 0x5bd1e995;
  const auto byte = [&](std::size_t at) { return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at])); };
  std::uint32_t hash = 0x9747b28c ^ static_cast<std::uint32_t>(bytes.size());
  std::size_t at = 0;
  for (; at + 4 <= bytes.size(); at += 4) {
    std::uint32_t word = byte(at) | byte(at + 1) << 8 | byte(at + 2) << 16 | byte(at + 3) << 24;
    word *= mix;
    word ^= word >> 24;
    hash = (hash * mix) ^ (word * mix);
  }
  const std::size_t rest = bytes.size() - at;
  if (rest == 3) hash ^= byte(at + 2) << 16;
  if (rest >= 2) hash ^= byte(at + 1) << 8;
  if (rest >= 1) hash = (hash ^ byte(at)) * mix;
  hash = (hash ^ hash >> 13) * mix;
  return hash ^ hash >> 15;
}

constexpr std::int32_t partition_of(std::string_view key, std::int32_t partitions) {
  return static_cast<std::int32_t>((murmur2(key) & 0x7fffffff) % static_cast<std::uint32_t>(partitions));
}

}  // namespace countersign::messaging
