#include "executor/claim_desk.hpp"

#include <algorithm>
#include <set>

#include "base/crash_point.hpp"
#include "domain/codes.hpp"
#include "executor/claim_entries.hpp"
#include "executor/operation_keys.hpp"
#include "executor/run_ending.hpp"
#include "executor/sql.hpp"

namespace countersign::executor {

namespace {

bool unresolved_beside(const TicketCase& one, const Step& step) {
  return std::any_of(one.effects.begin(), one.effects.end(), [&](const Effect& effect) {
    return domain::unresolved(effect.state) && (effect.run != step.run || effect.step != step.number);
  });
}

void deny(GateVerdict& verdict, std::string_view code, bool escalates) {
  verdict.allowed = false;
  verdict.codes = {std::string(code)};
  if (escalates) verdict.escalates = code;
}

// The gate's verdict, and what the ticket's own effects have to say to it.
GateVerdict judge(const PolicyGate& gate, const catalog::Snapshot& configuration, const TicketCase& one, const Step& step) {
  auto verdict = gate.judge(configuration, one, step);
  const bool effect = verdict.manifest == nullptr || domain::has_effect(verdict.manifest->risk);
  if (effect && unresolved_beside(one, step)) deny(verdict, domain::codes::effect_unresolved, true);
  // A tool that has become a read while its effect was to be repeated is not the tool that was claimed.
  if (!effect && one.find_effect(step.run, step.number) != nullptr) deny(verdict, codes::tool_unknown, true);
  return verdict;
}

// A step on its way to being claimed.
struct Admission {
  TicketCase* one;
  Step* step;
  GateVerdict verdict;
  std::string key_from{};  // idempotency key of the holder of its operation key, which people were shown

  OperationKey key() const { return {one->ticket.tenant, verdict.operation_key}; }
};

}  // namespace

bool claimable(const TicketCase& one, const Step& step, base::WallTime now) {
  const bool run_goes_on = one.run && one.run->number == step.run && one.run->state == domain::RunState::running;
  return run_goes_on && step.state == domain::StepState::ready && step.turn && step.due_at <= now;
}

// What one transaction works on.
class ClaimDesk::Round {
 public:
  Round(const ClaimDesk& desk, std::map<std::string, TicketCase>& cases, std::shared_ptr<const catalog::Snapshot> configuration,
        People people, pipeline::Batch& batch)
      : desk_(desk), cases_(cases), configuration_(std::move(configuration)), people_(people), batch_(batch) {}

  Decided settle(const std::vector<DueStep>& due) {
    for (const auto& [one, step] : due)
      if (claimable(*one, *step, batch_.now())) judged_.push_back({one, step, judge(desk_.gate_, *configuration_, *one, *step), {}});
    if (judged_.empty()) return {};
    if (!look_around()) return all_left();
    exclude_authors();
    std::vector<Admission*> approved;
    for (auto& admission : judged_) {
      if (!admission.verdict.allowed)
        refuse(admission);
      else if (!admission.verdict.requirement)
        claim_if_free(admission);
      else if (approved_and_free(admission))
        approved.push_back(&admission);
    }
    claim_approved(approved);
    return std::move(decided_);
  }

 private:
  bool goes_on(const Admission& admission) const {
    return admission.verdict.allowed && (!admission.verdict.requirement || people_ == People::asked);
  }

  // Locks the operation keys and finds their holders. False when the database has another configuration than the one judged by.
  bool look_around() {
    auto& transaction = batch_.transaction();
    const auto revision = transaction.queue(sql::find_configuration_revision);
    std::set<OperationKey> wanted;
    for (const auto& admission : judged_)
      if (goes_on(admission) && !admission.verdict.operation_key.empty()) wanted.insert(admission.key());
    holders_ = lock_operation_keys(batch_, wanted);
    if (wanted.empty()) transaction.flush();
    const auto rows = transaction.take(revision);
    return !rows.empty() && rows[0].get<std::int64_t>(0) == configuration_->revision();
  }

  void exclude_authors() {
    std::vector<std::pair<const TicketCase*, domain::Requirement*>> asked;
    for (auto& admission : judged_)
      if (goes_on(admission) && admission.verdict.requirement) asked.emplace_back(admission.one, &*admission.verdict.requirement);
    ApprovalGuard::exclude_authors(asked, batch_);
  }

  // Of the step's operation key, when that is another effect.
  const OperationHolder* holder_beside(const Admission& admission) const {
    const auto found = holders_.find(admission.key());
    if (found == holders_.end() || found->second.is(admission.one->ticket.id, admission.step->run, admission.step->number)) return nullptr;
    return &found->second;
  }

  // Whether this batch changes the holder: what is on record of it is not what will be.
  bool moves(const std::string& tenant, const OperationHolder& holder) const {
    const auto found = cases_.find(tenant + "/" + holder.ticket);
    const Effect* effect = found == cases_.end() ? nullptr : std::as_const(found->second).find_effect(holder.run, holder.step);
    return !holder.of_this_batch && effect != nullptr && effect->changed;
  }

  void hold(const Admission& admission) {
    if (admission.verdict.operation_key.empty()) return;
    OperationHolder self{.ticket = admission.one->ticket.id, .run = admission.step->run, .step = admission.step->number};
    self.of_this_batch = true;
    holders_.insert_or_assign(admission.key(), std::move(self));
  }

  void claim_if_free(Admission& admission) {
    if (const auto* holder = holder_beside(admission)) {
      if (moves(admission.one->ticket.tenant, *holder)) return leave();
      deny(admission.verdict, codes::operation_key_held, true);
      return refuse(admission);
    }
    // What policy wanted people for while they were asked, it does not any more.
    withdraw_open_approval(*admission.one, *admission.step, {std::string(codes::approval_not_needed)}, batch_);
    hold(admission);
    claim(admission);
  }

  // True when its approval stands, and its key is free or was given to it by people.
  bool approved_and_free(Admission& admission) {
    const OperationHolder* holder = holder_beside(admission);
    // What this batch does with the key can be shown once it is on record.
    const bool in_motion = holder != nullptr && (holder->of_this_batch || moves(admission.one->ticket.tenant, *holder));
    if (people_ == People::left_alone || in_motion) {
      leave();
      return false;
    }
    keep_findings(*admission.step, admission.verdict);
    if (!desk_.guard_.admit({admission.one, admission.step, &admission.verdict, holder}, *configuration_, batch_)) {
      ++decided_.waiting;
      return false;
    }
    if (holder != nullptr) admission.key_from = holder->idempotency_key;
    hold(admission);
    return true;
  }

  void claim_approved(const std::vector<Admission*>& approved) {
    std::vector<GuardedStep> admitted;
    for (const auto* admission : approved) admitted.push_back({admission->one, admission->step, &admission->verdict});
    const auto mine = desk_.guard_.use_countersignatures(admitted, batch_);
    std::vector<std::string> passed;
    for (std::size_t i = 0; i < approved.size(); ++i)
      if (mine[i] && !approved[i]->key_from.empty()) passed.push_back(approved[i]->key_from);
    pass_operation_keys(batch_, passed);
    for (std::size_t i = 0; i < approved.size(); ++i) {
      if (!mine[i]) {
        ++decided_.refused;
        continue;
      }
      TicketCase& one = *approved[i]->one;
      Approval* approval = find_live_approval(one, approved[i]->step->run, approved[i]->step->number);
      if (approval->stage == domain::ApprovalStage::cleared) consume_approval(one, *approval, batch_);
      claim(*approved[i]);
    }
  }

  void claim(Admission& admission) {
    auto& [one, step, verdict, key_from] = admission;
    keep_findings(*step, verdict);
    claim_step(admission);
    const bool effect = domain::has_effect(verdict.manifest->risk);
    if (effect) enter_effect(*one, *step, verdict, desk_.conductor_, batch_);
    audit_verdict(*one, *step, effect ? "effect_claimed" : "read_claimed", verdict, batch_);
  }

  void claim_step(const Admission& admission) {
    Step& step = *admission.step;
    const auto& manifest = *admission.verdict.manifest;
    const auto lease = (manifest.message ? manifest.deliver_within : manifest.timeout) + desk_.lease_beyond_timeout_;
    step.token = batch_.ids().next();
    step.lease_until = batch_.now() + lease;
    step.claimed_by.reset();
    if (!manifest.message) step.claimed_by = desk_.incarnation_.current();
    desk_.conductor_.move_step(*admission.one, step, domain::StepEvent::claim, {}, batch_);
    if (!admission.verdict.letter) return add_call(admission, lease);
    owe(*admission.one, step, request_letter(*admission.one, step, *admission.verdict.letter, batch_));
    ++decided_.letters;
  }

  void add_call(const Admission& admission, std::chrono::milliseconds lease) {
    const auto& ticket = admission.one->ticket;
    const Step& step = *admission.step;
    decided_.calls.push_back({.tenant = ticket.tenant,
                              .ticket = ticket.id,
                              .run = step.run,
                              .step = step.number,
                              .tool = step.tool,
                              .token = *step.token,
                              .configuration = configuration_,
                              .manifest = admission.verdict.manifest,
                              .request = admission.verdict.request,
                              .effect = domain::has_effect(admission.verdict.manifest->risk),
                              .sent_before = step.sent,
                              .unsent_before = step.unsent,
                              .lease_end = batch_.begun() + lease});
  }

  void refuse(const Admission& admission) {
    auto& [one, step, verdict, key_from] = admission;
    keep_findings(*step, verdict);
    audit_verdict(*one, *step, "step_denied", verdict, batch_);
    desk_.conductor_.give_up(*one, *step, domain::StepEvent::deny, verdict.codes, verdict.escalates, batch_);
    ++decided_.refused;
  }

  void leave() { ++decided_.left; }

  Decided all_left() const {
    Decided nothing;
    nothing.left = judged_.size();
    nothing.configuration_replaced = true;
    return nothing;
  }

  const ClaimDesk& desk_;
  std::map<std::string, TicketCase>& cases_;
  std::shared_ptr<const catalog::Snapshot> configuration_;
  People people_;
  pipeline::Batch& batch_;
  std::vector<Admission> judged_;
  std::map<OperationKey, OperationHolder> holders_;
  Decided decided_;
};

ClaimDesk::ClaimDesk(const pipeline::CoreParts& parts, const RunConductor& conductor, const ApprovalRequester& requester,
                     ToolCaller& caller, std::chrono::milliseconds lease_beyond_timeout)
    : incarnation_(parts.incarnation),
      clock_(parts.clock),
      conductor_(conductor),
      caller_(caller),
      lease_beyond_timeout_(lease_beyond_timeout),
      guard_(requester, conductor, parts.telemetry),
      claimed_(parts.telemetry.metrics.counter("steps_claimed_total", "Steps whose call was allowed and claimed.")),
      refused_(parts.telemetry.metrics.counter("steps_denied_total", "Steps that the gate denied.")) {}

bool ClaimDesk::in_time(const pipeline::Batch& batch) const { return clock_.steady() - batch.begun() < lease_beyond_timeout_ / 2; }

Decided ClaimDesk::settle(std::map<std::string, TicketCase>& cases, const std::vector<DueStep>& due,
                          std::shared_ptr<const catalog::Snapshot> configuration, People people, pipeline::Batch& batch) const {
  return Round(*this, cases, std::move(configuration), people, batch).settle(due);
}

void ClaimDesk::hand_over(Decided decided, SlotHold& slots) const {
  base::crash_point("before_call");
  claimed_.add(static_cast<double>(decided.calls.size() + decided.letters));
  refused_.add(static_cast<double>(decided.refused));
  for (const auto& call : decided.calls) slots.pass_on(call.bulkhead());
  caller_.take(std::move(decided.calls));
}

}  // namespace countersign::executor
