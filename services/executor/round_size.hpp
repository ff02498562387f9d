#pragma once

// RoundSize: how much a loop takes at once, halved by each round that fails and doubled again by each that succeeds.
//
// Why        On a machine that is starved of CPU a full round can outlast what PostgreSQL allows a transaction to stand still. The same
//            round tried again would fail again, for ever; a smaller one gets through.
// Promise    Never less than one, never more than what it was made with.
// Threads    One thread.

#include <algorithm>
#include <cstddef>

#include "base/errors.hpp"

namespace countersign::executor {

class RoundSize {
 public:
  explicit RoundSize(std::size_t most) : most_(most), now_(most) {}

  std::size_t now() const noexcept { return now_; }

  // Does a round and returns what it returns; whatever it throws is passed on.
  template <typename Round>
  auto around(const Round& round) {
    try {
      auto done = round();
      now_ = std::min(most_, now_ * 2);
      return done;
    } catch (const base::Unavailable&) {
      now_ = std::max<std::size_t>(1, now_ / 2);
      throw;
    }
  }

 private:
  std::size_t most_;
  std::size_t now_;
};

}  // namespace countersign::executor
