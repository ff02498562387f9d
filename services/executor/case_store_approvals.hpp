#pragma once

// The approvals of cases from and to their table; parts of CaseStore.
//
// Threads    Stateless; the batch's thread.

#include <map>
#include <string>
#include <vector>

#include "executor/case.hpp"
#include "pipeline/batch.hpp"

namespace countersign::executor {

// Queues the question for the approvals of live runs; read them after the flush.
postgres::Transaction::Claim ask_approvals(pipeline::Batch& batch, const std::vector<std::string>& tenants,
                                           const std::vector<std::string>& tickets);
// The statement gives tenant and ticket first.
Approval read_approval(const postgres::Row& row);
void write_approvals(pipeline::Batch& batch, const std::map<std::string, TicketCase>& cases);

}  // namespace countersign::executor
