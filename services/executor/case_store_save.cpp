#include "executor/case_rows.hpp"
#include "executor/case_store.hpp"
#include "executor/case_store_approvals.hpp"

namespace countersign::executor {

void CaseStore::save(pipeline::Batch& batch, std::map<std::string, TicketCase>& cases) const {
  write_tickets(batch, cases);
  write_runs(batch, cases);
  write_steps(batch, cases);
  write_effects(batch, cases);
  write_evidence(batch, cases);
  write_approvals(batch, cases);
  write_changes(batch, cases);
}

}  // namespace countersign::executor
