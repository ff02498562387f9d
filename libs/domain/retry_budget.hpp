#pragma once

// RetryBudget: how many calls of a tool may be repetitions, so that a tool in trouble is not buried under them.
//
// Every first call earns a fraction of a repetition, and so does time, so that a tool that is seldom called can be tried again too. What is
// saved up is limited: a quiet day does not pay for a storm.
//
// Threads    A plain value; one thread at a time.

#include <chrono>
#include <optional>

namespace countersign::domain {

struct RetryBudgetRule {
  double for_each_call = 0.2;
  double for_each_second = 1.0;
  double most = 50.0;  // and what there is to begin with
};

class RetryBudget {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit RetryBudget(RetryBudgetRule rule = {}) : rule_(rule), left_(rule.most) {}

  void note_call();  // one that repeats nothing
  // Takes one repetition out of the budget; false, and nothing taken, when less than one is left.
  bool take(Time now);

 private:
  void earn(double amount);

  RetryBudgetRule rule_;
  double left_;
  std::optional<Time> counted_until_;
};

}  // namespace countersign::domain
