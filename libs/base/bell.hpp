#pragma once

// Bell: lets one loop of a process tell another that there is work, so that polling is only the safety net.
//
// Promise    A ring that nobody was waiting for is kept: the next wait() returns at once. Many such rings count as one.
// Threads    Every function may be called from any thread; one thread waits.

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <utility>

namespace countersign::base {

class Bell {
 public:
  void ring() {
    {
      std::lock_guard lock(mutex_);
      rung_ = true;
    }
    heard_.notify_one();
  }

  // True when it was rung; false after `timeout` or when a stop is asked for.
  bool wait(std::stop_token stop, std::chrono::milliseconds timeout) {
    std::unique_lock lock(mutex_);
    heard_.wait_for(lock, stop, timeout, [this] { return rung_; });
    return std::exchange(rung_, false);
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any heard_;
  bool rung_ = false;
};

}  // namespace countersign::base
