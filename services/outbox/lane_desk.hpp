#pragma once

// LaneDesk: where a lane's work lies: taken over from the claimer, under way, ended, recorded.
//
//     claimer: take() ─▶ lane: collect_taken() or wait_taken() ─▶ end() ─▶ recorder: collect_ended() ─▶ committed: release()
//
// What was taken fills its slot until it is released, so that a database that does not record cannot make a lane take more and more.
//
// Threads    Every function from any thread.

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <iterator>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "outbox/delivery.hpp"

namespace countersign::outbox {

// How many slots are free, and which endpoints fill the others.
struct LaneLoad {
  std::size_t free = 0;
  std::map<TargetName, std::size_t> under_way{};
};

template <typename Call>
class LaneDesk {
 public:
  struct Report {
    Call call;
    AttemptEnd end;
  };

  explicit LaneDesk(std::size_t most_at_once) : most_at_once_(most_at_once) {}

  LaneLoad load() const {
    std::lock_guard lock(mutex_);
    return {most_at_once_ - std::min(most_at_once_, total_), under_way_};
  }

  void take(std::vector<Call> calls) {
    std::lock_guard lock(mutex_);
    for (auto& call : calls) {
      ++under_way_[target_of(call)];
      ++total_;
      ++open_;
      taken_.push_back(std::move(call));
    }
    arrived_.notify_all();
  }

  std::vector<Call> collect_taken() {
    std::lock_guard lock(mutex_);
    std::vector<Call> all(std::move_iterator(taken_.begin()), std::move_iterator(taken_.end()));
    taken_.clear();
    return all;
  }

  // The next one, or nothing when a stop is asked for first.
  std::optional<Call> wait_taken(std::stop_token stop) {
    std::unique_lock lock(mutex_);
    if (!arrived_.wait(lock, std::move(stop), [this] { return !taken_.empty(); })) return std::nullopt;
    std::optional<Call> next = std::move(taken_.front());
    taken_.pop_front();
    return next;
  }

  void end(Call call, AttemptEnd how) {
    std::lock_guard lock(mutex_);
    ended_.push_back({std::move(call), std::move(how)});
    if (--open_ == 0) none_open_.notify_all();
  }

  // Waits until all that was taken has ended, not longer than `patience`.
  void wait_until_ended(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    none_open_.wait_for(lock, patience, [this] { return open_ == 0; });
  }

  std::vector<Report> collect_ended(std::size_t most) {
    std::lock_guard lock(mutex_);
    const auto last = ended_.begin() + static_cast<std::ptrdiff_t>(std::min(most, ended_.size()));
    std::vector<Report> collected(std::move_iterator(ended_.begin()), std::move_iterator(last));
    ended_.erase(ended_.begin(), last);
    return collected;
  }

  void release(const std::vector<Report>& recorded) {
    std::lock_guard lock(mutex_);
    for (const auto& report : recorded) {
      const auto target = under_way_.find(target_of(report.call));
      if (--target->second == 0) under_way_.erase(target);
      --total_;
    }
  }

 private:
  const std::size_t most_at_once_;
  mutable std::mutex mutex_;
  std::condition_variable_any arrived_;
  std::condition_variable none_open_;
  std::deque<Call> taken_;
  std::vector<Report> ended_;
  std::map<TargetName, std::size_t> under_way_;
  std::size_t total_ = 0;  // taken and not released
  std::size_t open_ = 0;   // taken and not ended
};

}  // namespace countersign::outbox
