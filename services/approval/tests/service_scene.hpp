#pragma once

// The approval service's parts on a lab, put together as main.cpp does.

#include "approval/approval_expirer.hpp"
#include "approval/decision_recorder.hpp"
#include "approval/referral_intake.hpp"
#include "approval/territory.hpp"
#include "approval/tests/scene.hpp"
#include "foundation/testing/service_lab.hpp"

namespace countersign::approval::testing {

inline std::vector<std::string> topics() {
  return {"referrals", "decisions",     "decisions.beta", "approvals", "approvals.beta", "approvals.gamma",
          "handoffs",  "handoffs.beta", "handoffs.gamma", "verdicts",  "notices"};
}

class Service {
 public:
  // Founders are those whose documents it is given.
  Service(foundation::testing::ServiceLab& lab, const Scene& scene, const std::vector<std::string>& founding = {},
          std::chrono::seconds validity = std::chrono::seconds{120})
      : executors{anchors_of(scene.executor), environment},
        people(founders_of(founding), environment, lab.telemetry()),
        countersigner(scene.approval, environment, validity),
        counters(lab.telemetry()),
        parts{approvals, countersigner, counters, lab.telemetry().log, executors},
        desk{parts, people},
        handoff_parts{handoffs, lab.telemetry()},
        intake(handoff_parts, desk, lab.catalog(), lab.telemetry()),
        recorder(parts, people, lab.catalog(), environment),
        expirer(lab.core().parts(), parts, lab.catalog()),
        referrals(lab.core().add_stage(intake, {.topic = "referrals"})),
        decisions(lab.core().add_stage(recorder, {.topic = "decisions", .sequenced = false})) {}

  static catalog::Founders founders_of(const std::vector<std::string>& founding) {
    catalog::Founders founders;
    for (const auto& text : founding) founders.documents.insert(catalog::read_document(text)->digest);
    return founders;
  }

  ExecutorTrust executors;
  ApprovalStore approvals;
  HandoffStore handoffs;
  PeopleDirectory people;
  Countersigner countersigner;
  ApprovalCounters counters;
  ApprovalParts parts;
  DeskParts desk;
  HandoffParts handoff_parts;
  ReferralIntake intake;
  DecisionRecorder recorder;
  ApprovalExpirer expirer;
  pipeline::Stage& referrals;
  pipeline::Stage& decisions;
};

}  // namespace countersign::approval::testing
