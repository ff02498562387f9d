#include "base/clock.hpp"

#include <cstdio>
#include <ctime>

namespace countersign::base {

WallTime SystemClock::wall() const { return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now()); }

SteadyTime SystemClock::steady() const { return std::chrono::steady_clock::now(); }

bool SystemClock::wait(std::stop_token stop, std::chrono::milliseconds duration) {
  std::unique_lock lock(mutex_);
  woken_.wait_for(lock, stop, duration, [] { return false; });
  return !stop.stop_requested();
}

WallTime ManualClock::wall() const {
  std::lock_guard lock(mutex_);
  return wall_;
}

SteadyTime ManualClock::steady() const {
  std::lock_guard lock(mutex_);
  return steady_;
}

bool ManualClock::wait(std::stop_token stop, std::chrono::milliseconds duration) {
  advance(duration);
  return !stop.stop_requested();
}

void ManualClock::advance(std::chrono::microseconds by) {
  std::lock_guard lock(mutex_);
  wall_ += by;
  steady_ += by;
}

std::string to_rfc3339(WallTime time) {
  const auto since_epoch = time.time_since_epoch();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since_epoch);
  const std::time_t whole = seconds.count();
  std::tm parts{};
  gmtime_r(&whole, &parts);
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%06ldZ", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                parts.tm_hour, parts.tm_min, parts.tm_sec, static_cast<long>((since_epoch - seconds).count()));
  return text;
}

}  // namespace countersign::base
