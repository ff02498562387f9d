#pragma once

// judge_plan: whether the executor takes up a plan.
//
// A plan is accepted only if it was made knowing everything the executor has said and heard. Dropping the rest loses nothing: the
// planner proposes again after every ticket event, every step result, and every end of a run that is older than what it knows.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/run.hpp"

namespace countersign::domain {

// The ticket and its run as the executor knows them, under the ticket's lock.
struct RunFacts {
  std::int64_t ticket_version = 0;  // 0: nothing heard of the ticket yet
  bool ticket_closed = false;
  std::optional<RunState> run{};               // of the live run; absent when there is none
  bool version_ended = false;                  // a run of this very version has ended for good, and no person sent the ticket back since
  std::int64_t last_steps_sequence = 0;        // last `steps` message sent for this key
  int turns_used = 0;                          // plans accepted or rejected at this version
  int runs_opened = 0;                         // of this ticket, ever; the live one included
  std::optional<std::int64_t> held_version{};  // of the plan that is held, if one is
};

struct PlanFacts {
  bool readable = true;  // false: nothing below is known
  std::int64_t ticket_version = 0;
  std::int64_t after = 0;
  std::vector<std::string> faults{};  // what is wrong with it, as codes; a plan with faults is never accepted
};

struct PlanVerdict {
  enum class Kind { accept, hold, drop, reject };
  Kind kind = Kind::drop;
  std::vector<std::string> codes{};  // drop: exactly one, a metric label. reject: what `step.rejected` says
  bool opens_run = false;            // there is no live run: open one first, in which the plan is accepted or rejected
  bool counts_turn = false;
  std::string_view escalates{};  // not empty: once this is applied, the run ends escalated with this code

  friend bool operator==(const PlanVerdict&, const PlanVerdict&) = default;
};

// hold: keep this plan in place of any other that is held, and judge it again when the ticket's version has grown.
PlanVerdict judge_plan(const RunFacts& facts, const PlanFacts& plan);

// What follows when an accepted plan ended without closing the run: empty while the planner may propose again, otherwise the code with
// which the run ends escalated.
std::string_view judge_finished_plan(int turns_used);

}  // namespace countersign::domain
