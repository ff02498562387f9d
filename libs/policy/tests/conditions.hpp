#pragma once

// The three truths as conditions.

#include "policy/builders.hpp"

namespace countersign::policy {

inline const Condition yes = always();
inline const Condition no = negation(always());
inline const Condition unknown = is_true(fact("absent"));

}  // namespace countersign::policy
