#include "executor/wanted_calls.hpp"

#include "executor/sql.hpp"

namespace countersign::executor {

std::vector<bool> find_wanted(const std::vector<const ToolCall*>& calls, postgres::Session& session) {
  std::vector<std::string> tenants, tickets;
  std::vector<std::int32_t> runs, steps;
  std::vector<base::Uuid> tokens;
  std::vector<std::int64_t> revisions;
  for (const auto* call : calls) {
    tenants.push_back(call->tenant);
    tickets.push_back(call->ticket);
    runs.push_back(call->run);
    steps.push_back(call->step);
    tokens.push_back(call->token);
    revisions.push_back(call->configuration->revision());
  }
  std::vector<bool> wanted(calls.size());
  const auto parameters = postgres::Parameters{}.add(tenants).add(tickets).add(runs).add(steps).add(tokens).add(revisions);
  for (const auto row : session.execute(sql::find_wanted_calls, parameters))
    wanted[static_cast<std::size_t>(row.get<std::int64_t>(0) - 1)] = true;
  return wanted;
}

}  // namespace countersign::executor
