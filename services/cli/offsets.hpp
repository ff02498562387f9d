#pragma once

// offsets repair: puts a service's place in one partition where a person says, after showing what that skips or reads again.
// offsets adopt: gives a service that begins to read a topic late its first place in every partition.
//
// repair   The running owner of the partition loses its fence at the next commit and takes the partition over again at the new place. What
//          is skipped is never read: a skipped sequenced message leaves a gap for its key, which `sequences pass` closes. What is read
//          again is dropped as a duplicate where it was applied before.
// adopt    For each partition a row at the oldest message there is, and for each key, where the topic is sequenced, the sequence before
//          the first that the log still has; so the first message of each key is accepted whatever its number is. Refused when the service
//          has a place in any of the partitions already: what it has consumed decides then.
//
// Promise    Nothing changes without --yes (repair). Both are audited.
// Failure    exit_not_well when nothing was changed; throws what Session and LogReader throw.

#include <cstdint>
#include <optional>
#include <string>

#include "cli/console.hpp"
#include "cli/reach.hpp"

namespace countersign::cli {

struct OffsetsRepairWish {
  std::string service;
  std::string topic;  // with realm
  std::int32_t partition = 0;
  std::string to;  // low | high | an offset
  bool yes = false;
};

struct OffsetsAdoptWish {
  std::string service;
  std::string topic;  // without realm
};

int repair_offset(const Reach& reach, const OffsetsRepairWish& wish, const Console& console);
int adopt_offsets(const Reach& reach, const OffsetsAdoptWish& wish, const Console& console);

}  // namespace countersign::cli
