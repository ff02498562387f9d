#include "runtime/readiness.hpp"

#include <algorithm>
#include <vector>

#include "telemetry/log_line.hpp"

namespace countersign::runtime {

void Readiness::expect(const std::string& condition, const std::string& why_not) {
  std::lock_guard lock(mutex_);
  conditions_.try_emplace(condition, Condition{false, why_not});
}

void Readiness::set(const std::string& condition, bool holds, const std::string& why_not) {
  std::lock_guard lock(mutex_);
  conditions_[condition] = {holds, holds ? std::string{} : why_not};
}

void Readiness::drain() {
  std::lock_guard lock(mutex_);
  draining_ = true;
}

bool Readiness::ready() const {
  std::lock_guard lock(mutex_);
  return ready_locked();
}

bool Readiness::ready_locked() const {
  return !draining_ && std::all_of(conditions_.begin(), conditions_.end(), [](const auto& entry) { return entry.second.holds; });
}

std::string Readiness::json() const {
  std::lock_guard lock(mutex_);
  std::string list;
  for (const auto& [name, condition] : conditions_) {
    std::vector<telemetry::Field> fields{{"name", name}, {"holds", condition.holds}};
    if (!condition.holds) fields.emplace_back("why_not", condition.why_not);
    list += (list.empty() ? "" : ",") + telemetry::render_object(fields);
  }
  return std::string("{\"ready\":") + (ready_locked() ? "true" : "false") + ",\"draining\":" + (draining_ ? "true" : "false") +
         ",\"conditions\":[" + list + "]}";
}

}  // namespace countersign::runtime
