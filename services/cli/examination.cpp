#include "cli/examination.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace countersign::cli {

namespace {

const char* name_of(Health health) {
  switch (health) {
    case Health::well:
      return "ok";
    case Health::doubtful:
      return "warn";
    case Health::ill:
      return "FAIL";
  }
  return "";
}

}  // namespace

bool Examination::any_ill() const {
  return std::any_of(findings_.begin(), findings_.end(), [](const Finding& finding) { return finding.health == Health::ill; });
}

void Examination::report(const Console& console) const {
  auto rows = nlohmann::json::array();
  for (const auto& finding : findings_) {
    const std::string state = name_of(finding.health);
    rows.push_back({{"check", finding.check}, {"state", state == "FAIL" ? "fail" : state}, {"what", finding.what}, {"mend", finding.mend}});
    console.say(state + std::string(6 - state.size(), ' ') + finding.check + ": " + finding.what);
    if (!finding.mend.empty()) console.say("      -> " + finding.mend);
  }
  console.give({{"well", !any_ill()}, {"checks", rows}});
}

}  // namespace countersign::cli
