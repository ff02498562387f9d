#pragma once

// Writes what of the cases has changed, one statement per table and kind of change, and queues it: nothing waits here. Things without a row
// are inserted, others updated with the columns that can have changed.
//
// Threads    Stateless. The keys of the cases must be locked by the batch.

#include <map>
#include <string>

#include "executor/case.hpp"
#include "pipeline/batch.hpp"

namespace countersign::executor {

using Cases = std::map<std::string, TicketCase>;

void write_tickets(pipeline::Batch& batch, const Cases& cases);
void write_runs(pipeline::Batch& batch, const Cases& cases);
void write_steps(pipeline::Batch& batch, const Cases& cases);
void write_effects(pipeline::Batch& batch, const Cases& cases);
void write_evidence(pipeline::Batch& batch, const Cases& cases);
void write_changes(pipeline::Batch& batch, const Cases& cases);

}  // namespace countersign::executor
