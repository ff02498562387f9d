#pragma once

// LaneDesk: where a lane's work lies: taken over from the claimer, under way, ended, recorded.
//
//     claimer: hold() ─▶ take_held() ─▶ lane: collect_taken() or wait_taken() ─▶ end() ─▶ recorder: collect_ended() ─▶ committed: release()
//
// A slot is filled from when it is held for a claim until what became of the claim is released, so that claimers do not take more than
// there is room for, and a database that does not record cannot make a lane take more and more.
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

  // A slot for a call that is not claimed yet; false when there is none. `most`: of this target's.
  bool hold(const TargetName& target, std::size_t most) {
    std::lock_guard lock(mutex_);
    if (total_ >= most_at_once_) return false;
    auto& used = under_way_[target];
    if (used < most) {
      ++used;
      ++total_;
      return true;
    }
    if (used == 0) under_way_.erase(target);
    return false;
  }
  void give_back(const TargetName& target) {
    std::lock_guard lock(mutex_);
    vacate(target);
  }

  // For whoever is the only claimer, and holds nothing.
  void take(std::vector<Call> calls) {
    std::lock_guard lock(mutex_);
    for (const auto& call : calls) ++under_way_[target_of(call)];
    total_ += calls.size();
    add(std::move(calls));
  }
  void take_held(std::vector<Call> calls) {
    std::lock_guard lock(mutex_);
    add(std::move(calls));
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
    for (const auto& report : recorded) vacate(target_of(report.call));
  }

 private:
  void add(std::vector<Call> calls) {
    open_ += calls.size();
    taken_.insert(taken_.end(), std::move_iterator(calls.begin()), std::move_iterator(calls.end()));
    arrived_.notify_all();
  }
  void vacate(const TargetName& target) {
    const auto used = under_way_.find(target);
    if (--used->second == 0) under_way_.erase(used);
    --total_;
  }

  const std::size_t most_at_once_;
  mutable std::mutex mutex_;
  std::condition_variable_any arrived_;
  std::condition_variable none_open_;
  std::deque<Call> taken_;
  std::vector<Report> ended_;
  std::map<TargetName, std::size_t> under_way_;
  std::size_t total_ = 0;  // held, or taken and not released
  std::size_t open_ = 0;   // taken and not ended
};

}  // namespace countersign::outbox
