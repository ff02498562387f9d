#include "executor/case.hpp"

#include <gtest/gtest.h>

#include "domain/close.hpp"

namespace countersign::executor {
namespace {

using domain::RiskClass;
using domain::StepState;
using domain::StopReason;

Step step_of(int number, int plan, RiskClass risk, StepState state, std::vector<std::string> codes = {}) {
  Step step;
  step.run = 1;
  step.number = number;
  step.plan = plan;
  step.risk = risk;
  step.state = state;
  step.codes = std::move(codes);
  return step;
}

// A credit and the letter about it, which people wanted otherwise.
TicketCase case_asked_to_change() {
  TicketCase one;
  one.run = Run{};
  one.run->number = 1;
  one.run->plans = 1;
  one.steps = {step_of(1, 1, RiskClass::money, StepState::denied, {std::string(changes_requested)}),
               step_of(2, 1, RiskClass::outbound, StepState::dropped, {"plan_stopped"})};
  return one;
}

TEST(CaseTest, WhatWasProposedAnewDoesNotStandAgainstTheRun) {
  auto one = case_asked_to_change();
  EXPECT_EQ(domain::judge_close(StopReason::resolved, step_facts(one, 1)).code, "unsupported_close");
  one.run->plans = 2;
  one.steps.push_back(step_of(3, 2, RiskClass::money, StepState::succeeded));
  one.steps.push_back(step_of(4, 2, RiskClass::outbound, StepState::succeeded));
  EXPECT_EQ(domain::judge_close(StopReason::resolved, step_facts(one, 1)).reason, StopReason::resolved);
}

TEST(CaseTest, WhatWasRefusedOtherwiseStandsAgainstTheRun) {
  auto one = case_asked_to_change();
  one.run->plans = 2;
  one.steps[0].codes = {"denied_by_person"};
  EXPECT_EQ(step_facts(one, 1).size(), 2U);
  EXPECT_EQ(domain::judge_close(StopReason::resolved, step_facts(one, 1)).code, "unsupported_close");
}

}  // namespace
}  // namespace countersign::executor
