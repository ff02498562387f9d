#pragma once

// audit_ticket: an entry in the audit about one ticket. Whatever the executor notes there of runs, steps, effects and approvals goes
// through here.
//
// Threads    The batch's thread.
// Failure    Never: a text that is not UTF-8 is kept with marks in the place of what is wrong in it.

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "executor/case.hpp"
#include "pipeline/batch.hpp"

namespace countersign::executor {

// `run` 0: about the ticket; `step` 0: about the run. `detail` is an object.
void audit_ticket(const TicketCase& one, std::int32_t run, std::int32_t step, std::string event, const nlohmann::json& detail,
                  pipeline::Batch& batch);

}  // namespace countersign::executor
