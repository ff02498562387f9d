#include "domain/retry_budget.hpp"

#include <algorithm>

namespace countersign::domain {

void RetryBudget::note_call() { earn(rule_.for_each_call); }

bool RetryBudget::take(Time now) {
  if (counted_until_ && now > *counted_until_) earn(std::chrono::duration<double>(now - *counted_until_).count() * rule_.for_each_second);
  counted_until_ = now;
  if (left_ < 1.0) return false;
  left_ -= 1.0;
  return true;
}

void RetryBudget::earn(double amount) { left_ = std::min(rule_.most, left_ + amount); }

}  // namespace countersign::domain
