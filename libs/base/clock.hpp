#pragma once

// Clock: the only source of time, so that tests own it.
//
// Threads    Every function may be called from any thread.

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <string>

namespace countersign::base {

using WallTime = std::chrono::time_point<std::chrono::system_clock, std::chrono::microseconds>;
using SteadyTime = std::chrono::steady_clock::time_point;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual WallTime wall() const = 0;      // UTC, may jump
  virtual SteadyTime steady() const = 0;  // never goes back
  // Waits for `duration` or until a stop is asked for, whichever comes first. Returns false when stopped.
  virtual bool wait(std::stop_token stop, std::chrono::milliseconds duration) = 0;
};

class SystemClock final : public Clock {
 public:
  WallTime wall() const override;
  SteadyTime steady() const override;
  bool wait(std::stop_token stop, std::chrono::milliseconds duration) override;

 private:
  std::mutex mutex_;
  std::condition_variable_any woken_;
};

// Stands still until told; waiting advances it at once.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(WallTime start = WallTime{std::chrono::seconds{1'700'000'000}}) : wall_(start) {}
  WallTime wall() const override;
  SteadyTime steady() const override;
  bool wait(std::stop_token stop, std::chrono::milliseconds duration) override;
  void advance(std::chrono::microseconds by);

 private:
  mutable std::mutex mutex_;
  WallTime wall_;
  SteadyTime steady_{};
};

// RFC 3339 in UTC with microseconds: 2024-05-01T10:00:00.000000Z
std::string to_rfc3339(WallTime time);

}  // namespace countersign::base
