#pragma once

// PlanReview: what is wrong with a plan that nothing later could mend. Everything that depends on what the steps read is the gate's to
// judge, when the step is claimed.
//
// Threads    Pure; any thread.

#include <string>
#include <vector>

#include "catalog/catalog.hpp"
#include "contracts/messages.hpp"
#include "domain/risk.hpp"
#include "executor/case.hpp"

namespace countersign::executor {

// Codes, each once, in the order met:
//   tool_unknown            no tool of this name for the tenant
//   arguments_invalid       members that the tool does not have or needs and does not get, or constants that its schema refuses
//   source_invalid          a source that cannot be read
//   evidence_step_unknown   evidence of a step that is neither an earlier read of this plan nor a read of this run that succeeded
//   step_name_taken         a name under which this run has evidence already: later references could not tell which is meant
std::vector<std::string> find_faults(const contracts::PlanProposed& plan, const TicketCase& one, const catalog::Snapshot& configuration);

// Of the steps, in their order; all tools must be known.
std::vector<domain::RiskClass> risks_of(const contracts::PlanProposed& plan, const catalog::Snapshot& configuration);

}  // namespace countersign::executor
