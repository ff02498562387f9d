#include "executor/ticket_audit.hpp"

#include <nlohmann/json.hpp>

#include "contracts/canonical_writer.hpp"

namespace countersign::executor {

void audit_ticket(const TicketCase& one, std::int32_t run, std::int32_t step, std::string event, const nlohmann::json& detail,
                  pipeline::Batch& batch) {
  batch.audit({.tenant = one.ticket.tenant,
               .ticket = one.ticket.id,
               .run = run,
               .step = step,
               .event = std::move(event),
               .detail = contracts::write_json(detail)});
}

}  // namespace countersign::executor
