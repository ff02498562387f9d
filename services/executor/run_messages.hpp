#pragma once

// RunMessages: what the executor says about runs, each message written in one place: `steps`, `outcomes`, `referrals`.
//
// Threads    The batch's thread.

#include <string>
#include <string_view>
#include <vector>

#include "base/uuid.hpp"
#include "contracts/json.hpp"
#include "executor/case.hpp"
#include "pipeline/batch.hpp"

namespace countersign::executor {

// Each returns the id of the outbox row, to be kept on the history row of the change that owes it.
base::Uuid tell_step_succeeded(const TicketCase& one, const Step& step, const contracts::Json& result, pipeline::Batch& batch);
// `end`: failed | unknown | denied | withdrawn | expired | changes_requested
base::Uuid tell_step_ended(const TicketCase& one, const Step& step, std::string_view end, pipeline::Batch& batch);
base::Uuid tell_plan_rejected(const TicketCase& one, const std::vector<std::string>& codes, pipeline::Batch& batch);
base::Uuid tell_run_stopped(const TicketCase& one, const Run& run, pipeline::Batch& batch);

// How the ticket ended, to the realm it was opened in. A run with number 0 stands for a ticket that ended without one; its version and
// stop reason must be set. `wording`: what may be said to the customer.
base::Uuid tell_outcome(const TicketCase& one, const Run& run, std::vector<std::string> wording, pipeline::Batch& batch);
// Gives the ticket to people.
base::Uuid refer_handoff(const TicketCase& one, const Run& run, std::string_view reason, pipeline::Batch& batch);

// Any message about the ticket, with the run it belongs to (0: none).
base::Uuid tell(const TicketCase& one, std::int32_t run, std::string topic, const contracts::Event& event, pipeline::Batch& batch);

// `outcomes`, or `outcomes.REALM`.
std::string topic_in_realm(std::string_view topic, std::string_view realm);
// The correlation of everything a run says: tenant/ticket/run.
std::string run_label(const Ticket& ticket, std::int32_t run);

}  // namespace countersign::executor
