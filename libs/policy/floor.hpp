#pragma once

// Floor: what a tenant wants people to approve whatever its policies say.
//
// A demand is about tools or classes (either is enough), and may begin above an amount. What is not known is not below: an action without a
// known amount, or with one in another currency, is demanded as if it were above.
//
// Promise    raise_to_floor never permits anything: it turns an allow into an approval, adds to an approval, and leaves the rest alone.
// Threads    Pure functions over immutable values; any thread.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/money.hpp"
#include "domain/requirement.hpp"
#include "domain/risk.hpp"
#include "policy/evaluate.hpp"

namespace countersign::policy {

struct FloorDemand {
  std::string id{};  // appears among the requirement's rules
  std::string sentence{};
  std::string citation{};
  std::vector<std::string> tools{};  // "*": every tool
  std::vector<domain::RiskClass> classes{};
  std::optional<base::Money> above{};  // absent: always
  domain::Duties duties{};
};

// All demands of a tenant; they add up.
struct Floor {
  std::vector<FloorDemand> demands{};
};

// Of a tenant that has none of its own: irreversible actions want one person of role `approver`.
const Floor& default_floor();

// What the floor needs to know about an action.
struct FloorSubject {
  std::string_view tool;
  domain::RiskClass risk = domain::RiskClass::irreversible;
  const base::Money* amount = nullptr;  // null: unknown, or the tool has none
};

bool demands(const FloorDemand& demand, const FloorSubject& subject);

Decision raise_to_floor(Decision decision, const Floor& floor, const FloorSubject& subject);

}  // namespace countersign::policy
