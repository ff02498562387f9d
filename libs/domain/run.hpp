#pragma once

// The states of a run, why it stops, and how many of everything a ticket may use.

#include <array>
#include <chrono>
#include <optional>
#include <string_view>

#include "base/result.hpp"
#include "domain/named_enum.hpp"

namespace countersign::domain {

inline constexpr int most_turns_per_version = 5;
inline constexpr int most_runs_per_ticket = 10;
inline constexpr int most_steps_per_plan = 20;
inline constexpr std::chrono::minutes longest_wait_for_plan{15};

enum class RunState {
  awaiting_plan,  // open; nothing to do until the planner proposes
  running,        // an accepted plan has steps to run, to approve or to settle
  stopping,       // nothing new starts; waits for what is in flight
  stopped,        // ended with a stop reason; `run.stopped` is sent
};

enum class StopReason { resolved, draft_ready, denied, escalated, failed, cancelled, superseded };

template <>
struct EnumNames<RunState> {
  static constexpr std::array names{std::string_view("awaiting_plan"), std::string_view("running"), std::string_view("stopping"),
                                    std::string_view("stopped")};
};

template <>
struct EnumNames<StopReason> {
  static constexpr std::array names{std::string_view("resolved"),  std::string_view("draft_ready"), std::string_view("denied"),
                                    std::string_view("escalated"), std::string_view("failed"),      std::string_view("cancelled"),
                                    std::string_view("superseded")};
};

enum class RunEvent {
  accept_plan,  // a plan with steps
  finish_plan,  // its steps ended and it asked for no close
  stop,         // anything that ends the run
  end,          // nothing is in flight any more
};

template <>
struct EnumNames<RunEvent> {
  static constexpr std::array names{std::string_view("accept_plan"), std::string_view("finish_plan"), std::string_view("stop"),
                                    std::string_view("end")};
};

struct RunTransition {
  RunState from;
  RunEvent event;
  RunState to;
};

inline constexpr std::array run_transitions{
    RunTransition{RunState::awaiting_plan, RunEvent::accept_plan, RunState::running},
    RunTransition{RunState::awaiting_plan, RunEvent::stop, RunState::stopping},
    RunTransition{RunState::running, RunEvent::finish_plan, RunState::awaiting_plan},
    RunTransition{RunState::running, RunEvent::stop, RunState::stopping},
    RunTransition{RunState::stopping, RunEvent::end, RunState::stopped},
};

// Refuses with `illegal_transition`.
base::Result<RunState> transition(RunState from, RunEvent event);

constexpr bool turns_left(int turns_used) { return turns_used < most_turns_per_version; }
constexpr bool runs_left(int runs_opened) { return runs_opened < most_runs_per_ticket; }

}  // namespace countersign::domain
