#include "domain/circuit_breaker.hpp"

#include <algorithm>

namespace countersign::domain {

using std::chrono::milliseconds;

std::optional<milliseconds> CircuitBreaker::refuse(Time now) {
  if (!open_until_) return std::nullopt;
  if (now < *open_until_) return std::max(milliseconds{1}, std::chrono::ceil<milliseconds>(*open_until_ - now));
  open_until_ = now + span_;
  probe_out_ = true;
  return std::nullopt;
}

void CircuitBreaker::note_answer() {
  failures_ = 0;
  open_until_.reset();
  probe_out_ = false;
}

void CircuitBreaker::note_failure(Time now) {
  if (open_until_ || ++failures_ >= rule_.failures) open_at(now);
}

// Calls that were under way when it opened end in failure too; only what fails after a probe went out makes it stay longer.
void CircuitBreaker::open_at(Time now) {
  if (open_until_ && !probe_out_) return;
  span_ = !open_until_ ? rule_.first_open : std::min(span_ * 2, rule_.most_open);
  open_until_ = now + span_;
  probe_out_ = false;
  failures_ = 0;
}

}  // namespace countersign::domain
