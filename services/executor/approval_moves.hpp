#pragma once

// The moves of an approval, each with its transition, its entry in the audit and the referral that it owes.
//
// Threads    The batch's thread.
// Failure    An event that the table does not know is an invariant.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "executor/case.hpp"
#include "pipeline/batch.hpp"

namespace countersign::executor {

namespace codes {
inline constexpr std::string_view approval_unsettled = "approval_unsettled";              // asked too often, or renewed
inline constexpr std::string_view countersignature_invalid = "countersignature_invalid";  // something is wrong with what we hold
inline constexpr std::string_view verdict_unreadable = "verdict_unreadable";
inline constexpr std::string_view preview_failed = "preview_failed";
inline constexpr std::string_view action_unshowable = "action_unshowable";  // too large, or of a form that no message can carry
inline constexpr std::string_view action_changed = "action_changed";        // by another manifest
inline constexpr std::string_view requirement_grown = "requirement_grown";
inline constexpr std::string_view approval_not_needed = "approval_not_needed";
inline constexpr std::string_view target_changed = "target_changed";  // since people saw it
}  // namespace codes

// First request, and how often again.
inline constexpr int most_asked = 4;
inline constexpr int most_renewals = 10;

// The step's approval that may still be of use: the latest, unless it has come to its end.
Approval* find_live_approval(TicketCase& one, std::int32_t run, std::int32_t step);
int times_asked(const TicketCase& one, const Step& step);

void move_approval(TicketCase& one, Approval& approval, domain::ApprovalStageEvent event, std::vector<std::string> codes,
                   const std::optional<base::Uuid>& owed = {});
// The actor of the ticket is added.
void record_approval(const TicketCase& one, const Approval& approval, const char* event, nlohmann::json detail, pipeline::Batch& batch);

void record_refused_countersignature(const TicketCase& one, const Approval& approval, const std::string& code, pipeline::Batch& batch);

// Nobody needs to decide any more; people are told if they were asked.
void withdraw_approval(TicketCase& one, Approval& approval, const std::vector<std::string>& codes, pipeline::Batch& batch);
// The same for whatever is still open of a step that has ended or is about to. What was consumed stays so.
void withdraw_open_approval(TicketCase& one, const Step& step, const std::vector<std::string>& codes, pipeline::Batch& batch);
// Another countersignature is asked for; false when that has been done too often.
bool renew_approval(TicketCase& one, Approval& approval, pipeline::Batch& batch);
void consume_approval(TicketCase& one, Approval& approval, pipeline::Batch& batch);

}  // namespace countersign::executor
