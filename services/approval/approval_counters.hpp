#pragma once

// ApprovalCounters: what the approval side counts. No label is ever an id or text from outside.
//
// Threads    Any thread.

#include <map>
#include <string>
#include <string_view>

#include "approval/approval.hpp"
#include "telemetry/metrics.hpp"

namespace countersign::approval {

class ApprovalCounters {
 public:
  explicit ApprovalCounters(telemetry::Telemetry telemetry);

  void requested() { requested_.add(); }
  void repeated() { repeated_.add(); }
  void unverifiable() { unverifiable_.add(); }
  void untold() { untold_.add(); }
  void decision_repeated() { decisions_repeated_.add(); }
  void moved(const Approval& approval);  // as it is now
  void countersigned(bool again);
  // `code` is empty for what counted. Codes are ours or those of our own token readers, never text from a token.
  void decided(std::string_view verb, const std::string& code);

 private:
  telemetry::Metrics& metrics_;
  telemetry::Counter& requested_;
  telemetry::Counter& repeated_;
  telemetry::Counter& unverifiable_;
  telemetry::Counter& untold_;
  telemetry::Counter& decisions_repeated_;
  telemetry::Counter& first_signed_;
  telemetry::Counter& signed_again_;
  std::map<domain::ApprovalState, telemetry::Counter*> ends_;
  telemetry::Histogram& wait_;
};

}  // namespace countersign::approval
