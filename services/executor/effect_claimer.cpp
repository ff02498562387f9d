#include "executor/effect_claimer.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "base/crash_point.hpp"
#include "domain/codes.hpp"
#include "executor/all_or_each.hpp"
#include "executor/locking.hpp"
#include "executor/operation_keys.hpp"
#include "executor/run_ending.hpp"
#include "executor/sql.hpp"
#include "runtime/retrying_loop.hpp"

namespace countersign::executor {

namespace {

// The database's configuration is not the one that the gate would judge by.
struct ConfigurationMoved {};

bool unresolved_beside(const TicketCase& one, const Step& step) {
  return std::any_of(one.effects.begin(), one.effects.end(), [&](const Effect& effect) {
    return domain::unresolved(effect.state) && (effect.run != step.run || effect.step != step.number);
  });
}

bool claimable(const TicketCase& one, const Step& step, base::WallTime now) {
  const bool run_goes_on = one.run && one.run->number == step.run && one.run->state == domain::RunState::running;
  return run_goes_on && step.state == domain::StepState::ready && step.turn && step.due_at <= now;
}

// What the gate found out is kept whatever it said.
void keep_findings(Step& step, const GateVerdict& verdict) {
  if (verdict.manifest != nullptr) {
    step.tool_version = verdict.manifest->version;
    step.risk = verdict.manifest->risk;
  }
  step.arguments = verdict.arguments;
  step.origins = verdict.origins;
  step.decision = verdict.decision;
  step.changed = true;
}

void audit(const TicketCase& one, const Step& step, std::string event, const GateVerdict& verdict, pipeline::Batch& batch) {
  nlohmann::json detail{{"tool", step.tool}};
  if (verdict.manifest != nullptr) detail["tool_version"] = verdict.manifest->version;
  if (!verdict.codes.empty()) detail["codes"] = verdict.codes;
  if (!verdict.decision.is_null()) detail["decision"] = verdict.decision.value();
  if (!verdict.target.empty()) detail["target"] = verdict.target;
  if (verdict.amount) detail["amount"] = base::to_text(*verdict.amount);
  batch.audit({.tenant = one.ticket.tenant,
               .ticket = one.ticket.id,
               .run = step.run,
               .step = step.number,
               .event = std::move(event),
               .detail = detail.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)});
}

void require_current(const catalog::Snapshot& snapshot, pipeline::Batch& batch) {
  if (!is_current(snapshot, batch)) throw ConfigurationMoved{};
}

void deny(GateVerdict& verdict, std::string_view code, bool escalates) {
  verdict.allowed = false;
  verdict.codes = {std::string(code)};
  if (escalates) verdict.escalates = code;
}

}  // namespace

struct EffectClaimer::Candidate {
  std::string tenant;
  std::string ticket;
  std::int32_t run = 0;
  std::int32_t step = 0;
  std::string tool;

  std::string key() const { return tenant + "/" + ticket; }
  std::string bulkhead() const { return tenant + "/" + tool; }
};

// A step that the gate allows, on its way to being claimed.
struct EffectClaimer::Admission {
  TicketCase* one;
  Step* step;
  GateVerdict verdict;
  std::string key_from{};  // idempotency key of the holder of its operation key, which people were shown
};

// What one claim transaction works on; made anew for each.
struct EffectClaimer::Round {
  std::shared_ptr<const catalog::Snapshot> configuration;
  base::SteadyTime begun;
  std::map<std::string, TicketCase> cases;
  std::vector<Admission> admissions;
  std::map<OperationKey, OperationHolder> holders;
  std::vector<ToolCall> calls;
  std::size_t letters = 0;
  std::size_t refused = 0;
  std::size_t waiting = 0;  // for people, or for another look
};

EffectClaimer::EffectClaimer(pipeline::CoreParts parts, const CaseStore& store, const RunConductor& conductor,
                             ConfigurationWatch& configuration, ToolCaller& caller, const ApprovalRequester& requester, base::Bell& bell,
                             ClaimerOptions options)
    : parts_(parts),
      store_(store),
      conductor_(conductor),
      configuration_(configuration),
      caller_(caller),
      bell_(bell),
      options_(options),
      size_(options_.most_at_once),
      guard_(requester, conductor, parts.telemetry),
      runner_(parts, "claims"),
      claimed_(parts.telemetry.metrics.counter("steps_claimed_total", "Steps whose call was allowed and claimed.")),
      refused_(parts.telemetry.metrics.counter("steps_denied_total", "Steps that the gate denied.")),
      stale_(
          parts.telemetry.metrics.counter("stale_configuration_total", "Claim rounds given up because the configuration had moved on.")) {}

void EffectClaimer::run(std::stop_token stop) {
  runtime::run_retrying("effect_claimer", parts_.clock, parts_.telemetry, std::move(stop), [this] { return claim_once() > 0; }, bell_,
                        {.pause = options_.poll});
}

std::size_t EffectClaimer::claim_once() {
  return size_.around([this] { return claim_round(); });
}

std::size_t EffectClaimer::claim_round() {
  const auto configuration = configuration_.current();
  if (configuration == nullptr) return 0;
  const auto candidates = find_candidates();
  if (candidates.empty()) return 0;
  return all_or_each(candidates, parts_.telemetry.log, "claim_refused", [&](const std::vector<Candidate>& chosen) {
    Round round;
    round.configuration = configuration;
    return settle(round, chosen);
  });
}

// One candidate a ticket: its second could only be judged by what becomes of the first.
std::vector<EffectClaimer::Candidate> EffectClaimer::find_candidates() {
  auto load = caller_.load();
  if (load.free == 0) return {};
  std::vector<std::string> full;
  for (const auto& [bulkhead, calls] : load.by_tool)
    if (calls >= options_.most_per_tool) full.push_back(bulkhead);
  const auto most = static_cast<std::int64_t>(std::min(load.free, size_.now()));
  std::vector<Candidate> chosen;
  std::set<std::string> keys;
  for (const auto row : runner_.session().execute(sql::find_claimable_steps, postgres::Parameters{}.add(most).add(full))) {
    Candidate candidate{row.get<std::string>(0), row.get<std::string>(1), static_cast<std::int32_t>(row.get<std::int64_t>(2)),
                        static_cast<std::int32_t>(row.get<std::int64_t>(3)), row.get<std::string>(4)};
    if (load.by_tool[candidate.bulkhead()] >= options_.most_per_tool || !keys.insert(candidate.key()).second) continue;
    ++load.by_tool[candidate.bulkhead()];
    chosen.push_back(std::move(candidate));
  }
  return chosen;
}

std::size_t EffectClaimer::settle(Round& round, const std::vector<Candidate>& candidates) {
  std::vector<std::string> keys;
  for (const auto& candidate : candidates) keys.push_back(candidate.key());
  const auto request = locking(std::move(keys));
  round.begun = parts_.clock.steady();
  try {
    runner_.run(request, [&](pipeline::Batch& batch) { work(candidates, round, batch); });
  } catch (const ConfigurationMoved&) {
    stale_.add();
    if (configuration_.refresh_once()) bell_.ring();
    return 0;
  }
  base::crash_point("before_call");
  const std::size_t decided = round.calls.size() + round.letters + round.refused + round.waiting;
  claimed_.add(static_cast<double>(round.calls.size() + round.letters));
  refused_.add(static_cast<double>(round.refused));
  caller_.take(std::move(round.calls));
  return decided;
}

void EffectClaimer::work(const std::vector<Candidate>& candidates, Round& round, pipeline::Batch& batch) {
  require_current(*round.configuration, batch);
  std::vector<std::string> keys;
  for (const auto& candidate : candidates) keys.push_back(candidate.key());
  round.cases = store_.load(batch, keys, Expected::untouched_steps);
  for (const auto& candidate : candidates) judge(round.cases.at(candidate.key()), candidate, round, batch);
  claim_with_free_keys(round, batch);
  store_.save(batch, round.cases);
}

void EffectClaimer::judge(TicketCase& one, const Candidate& candidate, Round& round, pipeline::Batch& batch) {
  Step* step = one.find_step(candidate.run, candidate.step);
  if (step == nullptr || !claimable(one, *step, batch.now())) return;
  auto verdict = gate_.judge(*round.configuration, one, *step);
  const bool effect = verdict.manifest == nullptr || domain::has_effect(verdict.manifest->risk);
  if (effect && unresolved_beside(one, *step)) deny(verdict, domain::codes::effect_unresolved, true);
  // A tool that has become a read while its effect was to be repeated is not the tool that was claimed.
  if (!effect && one.find_effect(step->run, step->number) != nullptr) deny(verdict, codes::tool_unknown, true);
  if (!verdict.allowed) return refuse(one, *step, verdict, round, batch);
  round.admissions.push_back({&one, step, std::move(verdict), {}});
}

void EffectClaimer::claim_with_free_keys(Round& round, pipeline::Batch& batch) {
  exclude_authors(round, batch);
  std::set<OperationKey> wanted;
  for (const auto& [one, step, verdict, key_from] : round.admissions)
    if (!verdict.operation_key.empty()) wanted.insert({one->ticket.tenant, verdict.operation_key});
  round.holders = lock_operation_keys(batch, wanted);
  std::vector<Admission*> approved;
  for (auto& admission : round.admissions) {
    if (!admission.verdict.requirement)
      claim_if_free(admission, round, batch);
    else if (approved_and_free(admission, round, batch))
      approved.push_back(&admission);
  }
  claim_approved(approved, round, batch);
}

void EffectClaimer::exclude_authors(Round& round, pipeline::Batch& batch) {
  std::vector<std::pair<const TicketCase*, domain::Requirement*>> asked;
  for (auto& [one, step, verdict, key_from] : round.admissions)
    if (verdict.requirement) asked.emplace_back(one, &*verdict.requirement);
  ApprovalGuard::exclude_authors(asked, batch);
}

// Of the step's operation key, when that is another effect.
const OperationHolder* EffectClaimer::holder_beside(const Admission& admission, const Round& round) {
  const auto found = round.holders.find({admission.one->ticket.tenant, admission.verdict.operation_key});
  if (found == round.holders.end() || found->second.is(admission.one->ticket.id, admission.step->run, admission.step->number))
    return nullptr;
  return &found->second;
}

void EffectClaimer::hold(const Admission& admission, Round& round) {
  if (admission.verdict.operation_key.empty()) return;
  OperationHolder self{.ticket = admission.one->ticket.id, .run = admission.step->run, .step = admission.step->number};
  self.of_this_batch = true;
  round.holders.insert_or_assign({admission.one->ticket.tenant, admission.verdict.operation_key}, std::move(self));
}

void EffectClaimer::claim_if_free(Admission& admission, Round& round, pipeline::Batch& batch) {
  auto& [one, step, verdict, key_from] = admission;
  if (holder_beside(admission, round) != nullptr) {
    deny(verdict, codes::operation_key_held, true);
    return refuse(*one, *step, verdict, round, batch);
  }
  // What policy wanted people for while they were asked, it does not any more.
  withdraw_open_approval(*one, *step, {std::string(codes::approval_not_needed)}, batch);
  hold(admission, round);
  claim(admission, round, batch);
}

// True when its approval stands, and its key is free or was given to it by people.
bool EffectClaimer::approved_and_free(Admission& admission, Round& round, pipeline::Batch& batch) {
  const OperationHolder* holder = holder_beside(admission, round);
  // What another step of this batch does with the key can be shown once it is on record.
  if (holder != nullptr && holder->of_this_batch) return false;
  keep_findings(*admission.step, admission.verdict);
  if (guard_.admit({admission.one, admission.step, &admission.verdict, holder}, *round.configuration, batch)) {
    if (holder != nullptr) admission.key_from = holder->idempotency_key;
    hold(admission, round);
    return true;
  }
  ++round.waiting;
  return false;
}

void EffectClaimer::claim_approved(const std::vector<Admission*>& approved, Round& round, pipeline::Batch& batch) {
  std::vector<GuardedStep> admitted;
  for (const auto* admission : approved) admitted.push_back({admission->one, admission->step, &admission->verdict});
  const auto mine = guard_.use_countersignatures(admitted, batch);
  std::vector<std::string> passed;
  for (std::size_t i = 0; i < approved.size(); ++i)
    if (mine[i] && !approved[i]->key_from.empty()) passed.push_back(approved[i]->key_from);
  pass_operation_keys(batch, passed);
  for (std::size_t i = 0; i < approved.size(); ++i) {
    if (!mine[i]) {
      ++round.refused;
      continue;
    }
    TicketCase& one = *approved[i]->one;
    Approval* approval = find_live_approval(one, approved[i]->step->run, approved[i]->step->number);
    if (approval->stage == domain::ApprovalStage::cleared) consume_approval(one, *approval, batch);
    claim(*approved[i], round, batch);
  }
}

void EffectClaimer::claim(Admission& admission, Round& round, pipeline::Batch& batch) {
  keep_findings(*admission.step, admission.verdict);
  claim_step(admission, round, batch);
  const bool effect = domain::has_effect(admission.verdict.manifest->risk);
  if (effect) claim_effect(admission, batch);
  audit(*admission.one, *admission.step, effect ? "effect_claimed" : "read_claimed", admission.verdict, batch);
}

void EffectClaimer::claim_step(const Admission& admission, Round& round, pipeline::Batch& batch) {
  const auto& ticket = admission.one->ticket;
  Step& step = *admission.step;
  const auto& manifest = *admission.verdict.manifest;
  const auto lease = (manifest.message ? manifest.deliver_within : manifest.timeout) + options_.lease_beyond_timeout;
  step.token = batch.ids().next();
  step.lease_until = batch.now() + lease;
  step.claimed_by.reset();
  if (!manifest.message) step.claimed_by = parts_.incarnation.current();
  conductor_.move_step(*admission.one, step, domain::StepEvent::claim, {}, batch);
  if (admission.verdict.letter) {
    owe(*admission.one, step, request_letter(*admission.one, step, *admission.verdict.letter, batch));
    ++round.letters;
    return;
  }
  round.calls.push_back({.tenant = ticket.tenant,
                         .ticket = ticket.id,
                         .run = step.run,
                         .step = step.number,
                         .tool = step.tool,
                         .token = *step.token,
                         .configuration = round.configuration,
                         .manifest = &manifest,
                         .request = admission.verdict.request,
                         .effect = domain::has_effect(manifest.risk),
                         .sent_before = step.sent,
                         .unsent_before = step.unsent,
                         .lease_end = round.begun + lease});
}

void EffectClaimer::claim_effect(const Admission& admission, pipeline::Batch& batch) {
  TicketCase& one = *admission.one;
  const Step& step = *admission.step;
  const auto& verdict = admission.verdict;
  Effect* known = one.find_effect(step.run, step.number);
  Effect fresh;
  Effect& effect = known != nullptr ? *known : fresh;
  effect.tool_version = verdict.manifest->version;
  // Also of one that was put back: the manifest may call the operation by another name by now, and it is that name that others will ask
  // for.
  effect.operation = verdict.operation;
  effect.operation_key = verdict.operation_key;
  effect.key_held = !verdict.operation_key.empty() && !effect.key_passed;
  effect.held_until.reset();
  if (verdict.manifest->operation) effect.held_until = batch.now() + verdict.manifest->operation->window;
  effect.target = verdict.target;
  effect.amount = verdict.amount;
  if (known != nullptr) return conductor_.move_effect(one, effect, domain::EffectEvent::claim, {}, batch);
  effect.run = step.run;
  effect.step = step.number;
  effect.tool = step.tool;
  effect.idempotency_key = verdict.idempotency_key;
  effect.arguments = verdict.arguments;
  effect.created_at = batch.now();
  effect.fresh = effect.changed = true;
  one.transitions.push_back({step.run, step.number, "effect", "", "claimed", {}, {}});
  one.effects.push_back(std::move(effect));
}

void EffectClaimer::refuse(TicketCase& one, Step& step, const GateVerdict& verdict, Round& round, pipeline::Batch& batch) {
  keep_findings(step, verdict);
  audit(one, step, "step_denied", verdict, batch);
  conductor_.give_up(one, step, domain::StepEvent::deny, verdict.codes, verdict.escalates, batch);
  ++round.refused;
}

}  // namespace countersign::executor
