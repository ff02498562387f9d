#pragma once

// The reason codes that the rules of this room give. They are stable: metrics, playbooks and reviewers' tools match on them.

#include <string_view>

namespace countersign::domain::codes {

// a plan was dropped
inline constexpr std::string_view stale_version = "stale_version";      // made for a version that is over
inline constexpr std::string_view stale_after = "stale_after";          // made before the planner had heard the last result
inline constexpr std::string_view newer_plan_held = "newer_plan_held";  // a plan for a later version waits already
inline constexpr std::string_view plan_active = "plan_active";          // the accepted plan still has steps to run
inline constexpr std::string_view run_stopping = "run_stopping";        // nothing new starts in a run that ends
inline constexpr std::string_view version_ended = "version_ended";      // the run of this version has ended
inline constexpr std::string_view ticket_closed = "ticket_closed";
inline constexpr std::string_view ticket_unknown = "ticket_unknown";

// a plan was rejected
inline constexpr std::string_view plan_unreadable = "plan_unreadable";

// a run ended
inline constexpr std::string_view turns_exhausted = "turns_exhausted";
inline constexpr std::string_view runs_exhausted = "runs_exhausted";
inline constexpr std::string_view no_plan = "no_plan";
inline constexpr std::string_view unsupported_close = "unsupported_close";
inline constexpr std::string_view switched_off = "switched_off";
inline constexpr std::string_view ticket_updated = "ticket_updated";
inline constexpr std::string_view cancelled_by_request = "cancelled_by_request";

// a step or an effect ended
inline constexpr std::string_view effect_unresolved = "effect_unresolved";  // another effect of the ticket is claimed or unknown
inline constexpr std::string_view effect_unknown = "effect_unknown";        // unknown past its limit: a person must look
inline constexpr std::string_view effect_surprising = "effect_surprising";  // success reported for what was settled as not done
inline constexpr std::string_view not_done = "not_done";                    // certainly has not happened
inline constexpr std::string_view tool_refused = "tool_refused";            // the tool answered no
inline constexpr std::string_view tool_unreachable = "tool_unreachable";    // never sent, and no attempts left
inline constexpr std::string_view tool_unavailable = "tool_unavailable";    // a read got no useful answer, and no attempts left
inline constexpr std::string_view answer_lost = "answer_lost";              // sent, and no answer that tells
inline constexpr std::string_view lease_ended = "lease_ended";              // whoever made the call went silent
inline constexpr std::string_view plan_stopped = "plan_stopped";            // an earlier step of the plan did not succeed

// arguments
inline constexpr std::string_view origin_not_accepted = "origin_not_accepted";
inline constexpr std::string_view source_invalid = "source_invalid";
inline constexpr std::string_view source_absent = "source_absent";
inline constexpr std::string_view source_contradicted = "source_contradicted";
inline constexpr std::string_view arguments_invalid = "arguments_invalid";

}  // namespace countersign::domain::codes
