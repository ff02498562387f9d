#include "executor/approval_guard.hpp"

#include <map>
#include <set>

#include "base/invariant.hpp"
#include "executor/sql.hpp"

namespace countersign::executor {

namespace {

using domain::ApprovalStage;
using domain::ApprovalStageEvent;
using domain::StepEvent;

std::optional<OperationHolder> holder_of(const GuardedStep& guarded) {
  return guarded.holder == nullptr ? std::nullopt : std::optional(*guarded.holder);
}

using Used = std::pair<std::string, std::string>;  // tenant, jti
using User = std::tuple<std::string, std::int32_t, std::int32_t>;

// Records what is not on record yet; every one with the effect it was used for.
std::map<Used, User> record_use(const std::vector<GuardedStep>& admitted, pipeline::Batch& batch) {
  std::vector<std::string> tenants, jtis, tickets;
  std::vector<std::int32_t> runs, steps;
  std::vector<base::Uuid> approvals;
  std::set<Used> seen;
  for (const auto& guarded : admitted) {
    const Approval* approval = find_live_approval(*guarded.one, guarded.step->run, guarded.step->number);
    COUNTERSIGN_INVARIANT(approval != nullptr, "what was admitted has an approval that stands");
    if (!seen.insert({guarded.one->ticket.tenant, approval->jti}).second) continue;
    tenants.push_back(guarded.one->ticket.tenant);
    jtis.push_back(approval->jti);
    tickets.push_back(guarded.one->ticket.id);
    runs.push_back(guarded.step->run);
    steps.push_back(guarded.step->number);
    approvals.push_back(approval->id);
  }
  auto& transaction = batch.transaction();
  transaction.queue(sql::use_countersignatures,
                    postgres::Parameters{}.add(tenants).add(jtis).add(tickets).add(runs).add(steps).add(approvals));
  std::map<Used, User> users;
  for (const auto row : transaction.execute(sql::find_countersignatures, postgres::Parameters{}.add(tenants).add(jtis)))
    users.emplace(Used{row.get<std::string>(0), row.get<std::string>(1)},
                  User{row.get<std::string>(2), static_cast<std::int32_t>(row.get<std::int64_t>(3)),
                       static_cast<std::int32_t>(row.get<std::int64_t>(4))});
  return users;
}

}  // namespace

telemetry::Counter& refused_countersignatures(telemetry::Metrics& metrics) {
  return metrics.counter("countersignatures_refused_total", "Countersignatures that did not hold.");
}

void ApprovalGuard::exclude_authors(const std::vector<std::pair<const TicketCase*, domain::Requirement*>>& asked, pipeline::Batch& batch) {
  if (asked.empty()) return;
  std::vector<std::string> tenants, tickets;
  for (const auto& [one, requirement] : asked) {
    tenants.push_back(one->ticket.tenant);
    tickets.push_back(one->ticket.id);
  }
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> authors;
  for (const auto row : batch.transaction().execute(sql::find_message_authors, postgres::Parameters{}.add(tenants).add(tickets)))
    authors[{row.get<std::string>(0), row.get<std::string>(1)}].push_back(row.get<std::string>(2));
  for (const auto& [one, requirement] : asked)
    *requirement = domain::exclude(std::move(*requirement), authors[{one->ticket.tenant, one->ticket.id}]);
}

bool ApprovalGuard::admit(const GuardedStep& guarded, const catalog::Snapshot& configuration, pipeline::Batch& batch) const {
  TicketCase& one = *guarded.one;
  Approval* approval = find_live_approval(one, guarded.step->run, guarded.step->number);
  if (approval == nullptr) {
    requester_.ask(one, *guarded.step, configuration, *guarded.verdict, holder_of(guarded), batch);
    return false;
  }
  const DraftParts parts{configuration, requester_.keys().environment, *guarded.verdict};
  const auto verdict = judge_standing({one, *guarded.step, *approval, parts, guarded.holder, batch.now()}, requester_.keys());
  switch (verdict.standing) {
    case Standing::stands:
      return true;
    case Standing::ask_again:
      ask_again(guarded, configuration, *approval, verdict.code, batch);
      break;
    case Standing::look_again:
      look_again(guarded, *approval, batch);
      break;
    case Standing::renew:
      renew(guarded, *approval, batch);
      break;
    case Standing::refuse:
      refuse(guarded, verdict.code, batch);
  }
  return false;
}

// One that was consumed stays so: it stands for what was claimed and certainly not sent.
void ApprovalGuard::ask_again(const GuardedStep& guarded, const catalog::Snapshot& configuration, Approval& approval,
                              const std::string& code, pipeline::Batch& batch) const {
  if (approval.stage != ApprovalStage::consumed) withdraw_approval(*guarded.one, approval, {code}, batch);
  requester_.ask(*guarded.one, *guarded.step, configuration, *guarded.verdict, holder_of(guarded), batch);
}

void ApprovalGuard::look_again(const GuardedStep& guarded, Approval& approval, pipeline::Batch& batch) const {
  move_approval(*guarded.one, approval, ApprovalStageEvent::look_again, {});
  approval.due_at = batch.now();
  conductor_.move_step(*guarded.one, *guarded.step, StepEvent::ask_approval, {}, batch);
}

void ApprovalGuard::renew(const GuardedStep& guarded, Approval& approval, pipeline::Batch& batch) const {
  if (renew_approval(*guarded.one, approval, batch))
    conductor_.move_step(*guarded.one, *guarded.step, StepEvent::ask_approval, {}, batch);
  else
    conductor_.give_up(*guarded.one, *guarded.step, StepEvent::deny, {std::string(codes::approval_unsettled)}, codes::approval_unsettled,
                       batch);
}

void ApprovalGuard::refuse(const GuardedStep& guarded, const std::string& code, pipeline::Batch& batch) const {
  refused_.add();
  if (const Approval* approval = find_live_approval(*guarded.one, guarded.step->run, guarded.step->number))
    record_refused_countersignature(*guarded.one, *approval, code, batch);
  conductor_.give_up(*guarded.one, *guarded.step, StepEvent::deny, {std::string(codes::countersignature_invalid), code},
                     codes::countersignature_invalid, batch);
}

std::vector<bool> ApprovalGuard::use_countersignatures(const std::vector<GuardedStep>& admitted, pipeline::Batch& batch) const {
  std::vector<bool> mine;
  if (admitted.empty()) return mine;
  const auto users = record_use(admitted, batch);
  for (const auto& guarded : admitted) {
    const Approval* approval = find_live_approval(*guarded.one, guarded.step->run, guarded.step->number);
    const User self{guarded.one->ticket.id, guarded.step->run, guarded.step->number};
    mine.push_back(users.at({guarded.one->ticket.tenant, approval->jti}) == self);
    if (!mine.back()) refuse(guarded, "countersignature_used", batch);
  }
  return mine;
}

}  // namespace countersign::executor
