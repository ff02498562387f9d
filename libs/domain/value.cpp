#include "domain/value.hpp"

namespace countersign::domain {

bool operator==(const Value& a, const Value& b) { return a.held_ == b.held_; }

}  // namespace countersign::domain
