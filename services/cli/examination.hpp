#pragma once

// Examination: what doctor found, check by check.

#include <string>
#include <vector>

#include "cli/console.hpp"

namespace countersign::cli {

enum class Health { well, doubtful, ill };

struct Finding {
  std::string check;  // database, roles, …
  Health health = Health::well;
  std::string what;
  std::string mend;  // what to do; empty when well
};

class Examination {
 public:
  void well(std::string check, std::string what) { findings_.push_back({std::move(check), Health::well, std::move(what), {}}); }
  void doubtful(std::string check, std::string what, std::string mend) {
    findings_.push_back({std::move(check), Health::doubtful, std::move(what), std::move(mend)});
  }
  void ill(std::string check, std::string what, std::string mend) {
    findings_.push_back({std::move(check), Health::ill, std::move(what), std::move(mend)});
  }
  const std::vector<Finding>& findings() const noexcept { return findings_; }
  bool any_ill() const;
  void report(const Console& console) const;

 private:
  std::vector<Finding> findings_;
};

}  // namespace countersign::cli
