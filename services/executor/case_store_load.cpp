#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/invariant.hpp"
#include "contracts/message_key.hpp"
#include "domain/named_enum.hpp"
#include "executor/case_store.hpp"
#include "executor/case_store_approvals.hpp"
#include "executor/sql.hpp"
#include "executor/stored_row.hpp"

namespace countersign::executor {

namespace {

using postgres::Row;

TicketStatus status_of(const std::string& word) {
  if (word == "open") return TicketStatus::open;
  return word == "closed" ? TicketStatus::closed : TicketStatus::unopened;
}

Ticket read_ticket(const Row& row) {
  Ticket ticket;
  ticket.tenant = row.get<std::string>(0);
  ticket.id = row.get<std::string>(1);
  ticket.version = row.get<std::int64_t>(2);
  ticket.status = status_of(row.get<std::string>(3));
  ticket.realm = row.get<std::string>(4);
  ticket.requester = kept_json(row, 5);
  ticket.authenticated = row.get<bool>(6);
  ticket.subject = row.get<std::optional<std::string>>(7);
  ticket.text = row.get<std::optional<std::string>>(8);
  ticket.fields = kept_json(row, 9);
  ticket.runs_opened = stored_int(row, 10);
  ticket.ended_version = row.get<std::int64_t>(11);
  ticket.held_plan = kept_json(row, 12);
  ticket.held_version = row.get<std::optional<std::int64_t>>(13);
  ticket.actor = kept_json(row, 14);
  ticket.actor_authenticated = row.get<bool>(15);
  ticket.instruction = row.get<std::optional<std::string>>(16);
  ticket.stored = true;
  return ticket;
}

Run read_run(const Row& row) {
  Run run;
  run.number = stored_int(row, 2);
  run.version = row.get<std::int64_t>(3);
  run.state = stored_word<domain::RunState>(row, 4);
  if (!row.null(5)) run.stop_reason = stored_word<domain::StopReason>(row, 5);
  run.codes = row.get<std::vector<std::string>>(6);
  run.turns = stored_int(row, 7);
  run.plans = stored_int(row, 8);
  run.agent = stored_text(row, 9);
  run.playbook = stored_text(row, 10);
  run.close = kept_json(row, 11);
  run.resolution = kept_json(row, 12);
  run.waiting_since = row.get<base::WallTime>(13);
  run.opened_at = row.get<base::WallTime>(14);
  run.actor = stored_text(row, 15);
  return run;
}

domain::OriginMap read_origins(const contracts::Json& stored) {
  domain::OriginMap origins;
  if (stored.is_null()) return origins;
  for (const auto& [pointer, word] : stored.value().items()) {
    const auto origin = domain::find_named<domain::Origin>(word.get<std::string>());
    COUNTERSIGN_INVARIANT(origin.has_value(), "origins are stored by their names");
    origins.emplace(pointer, *origin);
  }
  return origins;
}

Step read_step(const Row& row) {
  Step step;
  step.run = stored_int(row, 2);
  step.number = stored_int(row, 3);
  step.plan = stored_int(row, 4);
  step.name = row.get<std::string>(5);
  step.tool = row.get<std::string>(6);
  step.tool_version = row.get<std::optional<std::int64_t>>(7);
  step.risk = stored_word<domain::RiskClass>(row, 8);
  step.state = stored_word<domain::StepState>(row, 9);
  step.turn = row.get<bool>(10);
  step.proposed = kept_json(row, 11);
  step.arguments = kept_json(row, 12);
  step.origins = read_origins(kept_json(row, 13));
  step.decision = kept_json(row, 14);
  step.codes = row.get<std::vector<std::string>>(15);
  step.sent = stored_int(row, 16);
  step.unsent = stored_int(row, 17);
  step.due_at = row.get<base::WallTime>(18);
  step.token = row.get<std::optional<base::Uuid>>(19);
  step.lease_until = row.get<std::optional<base::WallTime>>(20);
  step.ended_at = row.get<std::optional<base::WallTime>>(21);
  step.claimed_by = row.get<std::optional<base::Uuid>>(22);
  return step;
}

Effect read_effect(const Row& row) {
  Effect effect;
  effect.run = stored_int(row, 2);
  effect.step = stored_int(row, 3);
  effect.tool = row.get<std::string>(4);
  effect.tool_version = row.get<std::int64_t>(5);
  effect.state = stored_word<domain::EffectState>(row, 6);
  effect.idempotency_key = row.get<std::string>(7);
  effect.arguments = kept_json(row, 8);
  effect.operation = stored_text(row, 9);
  effect.operation_key = stored_text(row, 10);
  effect.key_held = row.get<bool>(11);
  effect.held_until = row.get<std::optional<base::WallTime>>(12);
  effect.target = stored_text(row, 13);
  if (!row.null(14)) effect.amount = base::Money{row.get<std::int64_t>(14), row.get<std::string>(15)};
  effect.receipt = kept_json(row, 16);
  effect.unknown_since = row.get<std::optional<base::WallTime>>(17);
  effect.look_at = row.get<std::optional<base::WallTime>>(18);
  effect.overdue = row.get<bool>(19);
  effect.created_at = row.get<base::WallTime>(20);
  effect.key_passed = row.get<bool>(21);
  return effect;
}

Evidence read_evidence(const Row& row) {
  Evidence evidence;
  evidence.run = stored_int(row, 2);
  evidence.step = stored_int(row, 3);
  evidence.name = row.get<std::string>(4);
  evidence.tool = row.get<std::string>(5);
  evidence.tool_version = row.get<std::int64_t>(6);
  evidence.arguments = kept_json(row, 7);
  evidence.result = kept_json(row, 8);
  evidence.origin = stored_word<domain::Origin>(row, 9);
  evidence.read_at = row.get<base::WallTime>(10);
  return evidence;
}

// Every statement of a load gives tenant and ticket first.
TicketCase& case_of(std::map<std::string, TicketCase>& cases, const Row& row) {
  return cases.at(contracts::make_key(row.get<std::string>(0), row.get<std::string>(1)));
}

std::map<std::string, TicketCase> empty_cases(const std::vector<std::string>& keys) {
  std::map<std::string, TicketCase> cases;
  for (const auto& key : keys) {
    const auto parts = contracts::split_key(key);
    COUNTERSIGN_INVARIANT(parts.has_value(), "a locked key is tenant/ticket");
    TicketCase& one = cases[key];
    one.ticket.tenant = parts->tenant;
    one.ticket.id = parts->ticket;
  }
  return cases;
}

// Those among `also` that the case has not got anyway.
void load_named(pipeline::Batch& batch, std::map<std::string, TicketCase>& cases, const std::vector<StepKey>& also) {
  std::vector<std::string> tenants, tickets;
  std::vector<std::int32_t> runs, steps;
  for (const auto& named : also) {
    TicketCase& one = cases.at(named.key);
    if (one.find_step(named.run, named.step) != nullptr) continue;
    tenants.push_back(one.ticket.tenant);
    tickets.push_back(one.ticket.id);
    runs.push_back(named.run);
    steps.push_back(named.step);
  }
  if (tenants.empty()) return;
  auto& transaction = batch.transaction();
  const auto parameters = postgres::Parameters{}.add(tenants).add(tickets).add(runs).add(steps);
  const auto found = transaction.queue(sql::find_named_steps, parameters);
  const auto effects = transaction.queue(sql::find_named_effects, parameters);
  transaction.flush();
  for (const auto row : transaction.take(found)) case_of(cases, row).steps.push_back(read_step(row));
  for (const auto row : transaction.take(effects)) case_of(cases, row).effects.push_back(read_effect(row));
}

// Loads cases in one round trip or two.
class Loading {
 public:
  Loading(pipeline::Batch& batch, std::map<std::string, TicketCase>& cases) : batch_(batch), cases_(cases) {}

  void run(Expected expected) {
    const Owners all = owners([this](const TicketCase& one) { return !batch_.key_state(one.key()).fresh; });
    if (all.tenants.empty()) return;
    const auto heads = ask(sql::find_tickets, all), runs = ask(sql::find_live_runs, all);
    if (expected != Expected::no_steps) ask_steps(all);
    if (expected == Expected::anything) ask_what_was_learnt(all);
    flush();
    for (const auto row : batch_.transaction().take(heads)) case_of(cases_, row).ticket = read_ticket(row);
    for (const auto row : batch_.transaction().take(runs)) case_of(cases_, row).run = read_run(row);
    take_steps();
    take_what_was_learnt();
    if (expected == Expected::no_steps) load_rest(owners(may_have_steps), true);
    if (expected == Expected::untouched_steps) load_rest(owners(touched), false);
  }

 private:
  using Claim = postgres::Transaction::Claim;
  struct Owners {
    std::vector<std::string> tenants, tickets;
  };

  // Steps come with accepted plans; what earlier runs left unresolved has to be asked for.
  static bool may_have_steps(const TicketCase& one) {
    const bool first_run = one.run && one.ticket.runs_opened == 1;
    return one.ticket.runs_opened > 0 && !(first_run && one.run->plans == 0);
  }
  // Evidence and approvals come from steps that were judged.
  static bool touched(const TicketCase& one) {
    return std::any_of(one.steps.begin(), one.steps.end(), [](const Step& step) {
      return step.state != domain::StepState::ready || !step.decision.is_null() || step.sent > 0 || step.unsent > 0;
    });
  }

  Owners owners(const std::function<bool(const TicketCase&)>& wanted) const {
    Owners found;
    for (const auto& [key, one] : cases_) {
      if (!wanted(one)) continue;
      found.tenants.push_back(one.ticket.tenant);
      found.tickets.push_back(one.ticket.id);
    }
    return found;
  }

  Claim ask(const postgres::Statement& statement, const Owners& owners) {
    return batch_.transaction().queue(statement, postgres::Parameters{}.add(owners.tenants).add(owners.tickets));
  }
  void ask_steps(const Owners& owners) {
    steps_ = ask(sql::find_case_steps, owners);
    effects_ = ask(sql::find_case_effects, owners);
  }
  void ask_what_was_learnt(const Owners& owners) {
    evidence_ = ask(sql::find_case_evidence, owners);
    approvals_ = ask_approvals(batch_, owners.tenants, owners.tickets);
  }
  void flush() { batch_.transaction().flush(); }

  void take_steps() {
    if (!steps_) return;
    for (const auto row : batch_.transaction().take(*std::exchange(steps_, {}))) case_of(cases_, row).steps.push_back(read_step(row));
    for (const auto row : batch_.transaction().take(*std::exchange(effects_, {}))) case_of(cases_, row).effects.push_back(read_effect(row));
  }
  void take_what_was_learnt() {
    if (!evidence_) return;
    for (const auto row : batch_.transaction().take(*std::exchange(evidence_, {})))
      case_of(cases_, row).evidence.push_back(read_evidence(row));
    for (const auto row : batch_.transaction().take(*std::exchange(approvals_, {})))
      case_of(cases_, row).approvals.push_back(read_approval(row));
  }

  void load_rest(const Owners& owners, bool steps_too) {
    if (owners.tenants.empty()) return;
    if (steps_too) ask_steps(owners);
    ask_what_was_learnt(owners);
    flush();
    take_steps();
    take_what_was_learnt();
  }

  pipeline::Batch& batch_;
  std::map<std::string, TicketCase>& cases_;
  std::optional<Claim> steps_, effects_, evidence_, approvals_;
};

}  // namespace

std::map<std::string, TicketCase> CaseStore::load(pipeline::Batch& batch, const std::vector<std::string>& keys, Expected expected,
                                                  const std::vector<StepKey>& also) const {
  auto cases = empty_cases(keys);
  Loading(batch, cases).run(expected);
  if (!also.empty()) load_named(batch, cases, also);
  return cases;
}

}  // namespace countersign::executor
