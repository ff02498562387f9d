#include "executor/case_store_approvals.hpp"

#include <nlohmann/json.hpp>

#include "base/invariant.hpp"
#include "domain/named_enum.hpp"
#include "executor/sql.hpp"
#include "executor/stored_row.hpp"

namespace countersign::executor {

namespace {

using postgres::Parameters;

// The rows of one batch, column by column.
struct Columns {
  std::vector<std::string> tenants, tickets, stages, actions, action_digests, requirements, requirement_digests;
  std::vector<std::int32_t> runs, steps, asked, renewals, looks;
  std::vector<base::Uuid> ids;
  std::vector<std::optional<std::string>> shown, drift, countersignatures, jtis;
  std::vector<std::optional<base::WallTime>> cleared, due, leases;
  std::vector<base::WallTime> requested;
  std::vector<std::optional<base::Uuid>> tokens;

  void add(const Ticket& ticket, const Approval& approval) {
    tenants.push_back(ticket.tenant);
    tickets.push_back(ticket.id);
    runs.push_back(approval.run);
    steps.push_back(approval.step);
    asked.push_back(approval.asked);
    ids.push_back(approval.id);
    stages.emplace_back(domain::name_of(approval.stage));
    actions.push_back(approval.action.text());
    action_digests.push_back(approval.action_digest);
    requirements.push_back(approval.requirement.text());
    requirement_digests.push_back(approval.requirement_digest);
    shown.push_back(approval.shown.is_null() ? std::nullopt : std::optional(approval.shown.text()));
    drift.push_back(text_or_null(approval.drift_digest));
    countersignatures.push_back(text_or_null(approval.countersignature));
    jtis.push_back(text_or_null(approval.jti));
    cleared.push_back(approval.cleared_until);
    renewals.push_back(approval.renewals);
    looks.push_back(approval.looks);
    requested.push_back(approval.requested_at);
    due.push_back(approval.due_at);
    tokens.push_back(approval.token);
    leases.push_back(approval.lease_until);
  }
};

}  // namespace

postgres::Transaction::Claim ask_approvals(pipeline::Batch& batch, const std::vector<std::string>& tenants,
                                           const std::vector<std::string>& tickets) {
  return batch.transaction().queue(sql::find_case_approvals, Parameters{}.add(tenants).add(tickets));
}

Approval read_approval(const postgres::Row& row) {
  Approval approval;
  approval.run = stored_int(row, 2);
  approval.step = stored_int(row, 3);
  approval.asked = stored_int(row, 4);
  approval.id = row.get<base::Uuid>(5);
  const auto stage = domain::find_named<domain::ApprovalStage>(row.get<std::string>(6));
  COUNTERSIGN_INVARIANT(stage.has_value(), "the table admits the words of its enum only");
  approval.stage = *stage;
  approval.action = stored_json(row, 7);
  approval.action_digest = row.get<std::string>(8);
  approval.requirement = stored_json(row, 9);
  approval.requirement_digest = row.get<std::string>(10);
  approval.drift_digest = stored_text(row, 11);
  approval.countersignature = stored_text(row, 12);
  approval.jti = stored_text(row, 13);
  approval.cleared_until = row.get<std::optional<base::WallTime>>(14);
  approval.renewals = stored_int(row, 15);
  approval.looks = stored_int(row, 16);
  approval.requested_at = row.get<base::WallTime>(17);
  approval.due_at = row.get<std::optional<base::WallTime>>(18);
  approval.token = row.get<std::optional<base::Uuid>>(19);
  approval.lease_until = row.get<std::optional<base::WallTime>>(20);
  approval.holder_state = stored_text(row, 21);
  return approval;
}

void write_approvals(pipeline::Batch& batch, const std::map<std::string, TicketCase>& cases) {
  Columns all;
  for (const auto& [key, one] : cases)
    for (const Approval& approval : one.approvals)
      if (approval.changed || approval.fresh) all.add(one.ticket, approval);
  if (all.tenants.empty()) return;
  batch.transaction().queue(sql::write_approvals, Parameters{}
                                                      .add(all.tenants)
                                                      .add(all.tickets)
                                                      .add(all.runs)
                                                      .add(all.steps)
                                                      .add(all.asked)
                                                      .add(all.ids)
                                                      .add(all.stages)
                                                      .add(all.actions)
                                                      .add(all.action_digests)
                                                      .add(all.requirements)
                                                      .add(all.requirement_digests)
                                                      .add(all.shown)
                                                      .add(all.drift)
                                                      .add(all.countersignatures)
                                                      .add(all.jtis)
                                                      .add(all.cleared)
                                                      .add(all.renewals)
                                                      .add(all.looks)
                                                      .add(all.requested)
                                                      .add(all.due)
                                                      .add(all.tokens)
                                                      .add(all.leases));
}

}  // namespace countersign::executor
