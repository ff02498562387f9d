#include <nlohmann/json.hpp>

#include "crypto/digest.hpp"
#include "domain/named_enum.hpp"
#include "executor/case_store.hpp"
#include "executor/case_store_approvals.hpp"
#include "executor/sql.hpp"
#include "executor/stored_row.hpp"

namespace countersign::executor {

namespace {

using postgres::Bytes;
using postgres::Parameters;
using Texts = std::vector<std::string>;
using MaybeTexts = std::vector<std::optional<std::string>>;
using Times = std::vector<base::WallTime>;
using MaybeTimes = std::vector<std::optional<base::WallTime>>;
using Cases = std::map<std::string, TicketCase>;

std::string joined(const Texts& codes) {
  std::string text;
  for (const auto& code : codes) text += (text.empty() ? "" : " ") + code;
  return text;
}

template <typename E>
std::string word(E value) {
  return std::string(domain::name_of(value));
}

const char* word(TicketStatus status) {
  return status == TicketStatus::open ? "open" : status == TicketStatus::closed ? "closed" : "unopened";
}

// The columns that every table begins with.
struct Owners {
  Texts tenants, tickets;
  std::vector<std::int32_t> runs, steps;

  void add(const Ticket& ticket, std::int32_t run = 0, std::int32_t step = 0) {
    tenants.push_back(ticket.tenant);
    tickets.push_back(ticket.id);
    runs.push_back(run);
    steps.push_back(step);
  }
  bool empty() const { return tenants.empty(); }
};

void write_tickets(pipeline::Batch& batch, const Cases& cases) {
  Owners owners;
  std::vector<std::int64_t> versions, ended;
  Texts statuses, realms, fields;
  MaybeTexts requesters, subjects, bodies, held, actors, instructions;
  std::vector<bool> authenticated, actors_authenticated;
  std::vector<std::int32_t> opened;
  std::vector<std::optional<std::int64_t>> held_versions;
  for (const auto& [key, one] : cases) {
    if (!one.ticket_changed) continue;
    const Ticket& ticket = one.ticket;
    owners.add(ticket);
    versions.push_back(ticket.version);
    statuses.push_back(word(ticket.status));
    realms.push_back(ticket.realm);
    requesters.push_back(text_or_null(ticket.requester));
    authenticated.push_back(ticket.authenticated);
    subjects.push_back(ticket.subject);
    bodies.push_back(ticket.text);
    fields.push_back(ticket.fields.text());
    opened.push_back(ticket.runs_opened);
    ended.push_back(ticket.ended_version);
    held.push_back(text_or_null(ticket.held_plan));
    held_versions.push_back(ticket.held_version);
    actors.push_back(text_or_null(ticket.actor));
    actors_authenticated.push_back(ticket.actor_authenticated);
    instructions.push_back(ticket.instruction);
  }
  if (owners.empty()) return;
  batch.transaction().queue(sql::write_tickets, Parameters{}
                                                    .add(owners.tenants)
                                                    .add(owners.tickets)
                                                    .add(versions)
                                                    .add(statuses)
                                                    .add(realms)
                                                    .add(requesters)
                                                    .add(authenticated)
                                                    .add(subjects)
                                                    .add(bodies)
                                                    .add(fields)
                                                    .add(opened)
                                                    .add(ended)
                                                    .add(held)
                                                    .add(held_versions)
                                                    .add(actors)
                                                    .add(actors_authenticated)
                                                    .add(instructions));
}

void write_runs(pipeline::Batch& batch, const Cases& cases) {
  Owners owners;
  std::vector<std::int64_t> versions;
  Texts states, codes;
  MaybeTexts reasons, actors, agents, playbooks, closes, resolutions;
  std::vector<std::int32_t> turns, plans;
  Times waiting, opened;
  MaybeTimes stopped;
  const auto add = [&](const Ticket& ticket, const Run& run) {
    owners.add(ticket, run.number);
    versions.push_back(run.version);
    states.push_back(word(run.state));
    reasons.push_back(run.stop_reason ? std::optional(word(*run.stop_reason)) : std::nullopt);
    codes.push_back(joined(run.codes));
    turns.push_back(run.turns);
    plans.push_back(run.plans);
    agents.push_back(text_or_null(run.agent));
    playbooks.push_back(text_or_null(run.playbook));
    closes.push_back(text_or_null(run.close));
    resolutions.push_back(text_or_null(run.resolution));
    waiting.push_back(run.waiting_since);
    opened.push_back(run.opened_at);
    stopped.push_back(run.stopped_at);
    actors.push_back(text_or_null(run.actor));
  };
  // Ended ones first: a ticket has one live run at any moment of the statement.
  for (const auto& [key, one] : cases)
    for (const Run& run : one.ended_runs) add(one.ticket, run);
  for (const auto& [key, one] : cases)
    if (one.run && one.run_changed) add(one.ticket, *one.run);
  if (owners.empty()) return;
  batch.transaction().queue(sql::write_runs, Parameters{}
                                                 .add(owners.tenants)
                                                 .add(owners.tickets)
                                                 .add(owners.runs)
                                                 .add(versions)
                                                 .add(states)
                                                 .add(reasons)
                                                 .add(codes)
                                                 .add(turns)
                                                 .add(plans)
                                                 .add(agents)
                                                 .add(playbooks)
                                                 .add(closes)
                                                 .add(resolutions)
                                                 .add(waiting)
                                                 .add(opened)
                                                 .add(stopped)
                                                 .add(actors));
}

std::optional<std::string> origins_text(const domain::OriginMap& origins) {
  if (origins.empty()) return std::nullopt;
  nlohmann::json object = nlohmann::json::object();
  for (const auto& [pointer, origin] : origins) object[pointer] = domain::name_of(origin);
  return object.dump();
}

void write_steps(pipeline::Batch& batch, const Cases& cases) {
  Owners owners;
  std::vector<std::int32_t> plans, sent, unsent;
  Texts names, tools, risks, states, proposed, codes;
  std::vector<std::optional<std::int64_t>> tool_versions;
  std::vector<bool> turns;
  MaybeTexts arguments, origins, decisions;
  Times due;
  std::vector<std::optional<base::Uuid>> tokens, claimers;
  MaybeTimes leases, ended;
  for (const auto& [key, one] : cases) {
    for (const Step& step : one.steps) {
      if (!step.changed && !step.fresh) continue;
      owners.add(one.ticket, step.run, step.number);
      plans.push_back(step.plan);
      names.push_back(step.name);
      tools.push_back(step.tool);
      tool_versions.push_back(step.tool_version);
      risks.push_back(word(step.risk));
      states.push_back(word(step.state));
      turns.push_back(step.turn);
      proposed.push_back(step.proposed.text());
      arguments.push_back(text_or_null(step.arguments));
      origins.push_back(origins_text(step.origins));
      decisions.push_back(text_or_null(step.decision));
      codes.push_back(joined(step.codes));
      sent.push_back(step.sent);
      unsent.push_back(step.unsent);
      due.push_back(step.due_at);
      tokens.push_back(step.token);
      leases.push_back(step.lease_until);
      ended.push_back(step.ended_at);
      claimers.push_back(step.claimed_by);
    }
  }
  if (owners.empty()) return;
  batch.transaction().queue(sql::write_steps, Parameters{}
                                                  .add(owners.tenants)
                                                  .add(owners.tickets)
                                                  .add(owners.runs)
                                                  .add(owners.steps)
                                                  .add(plans)
                                                  .add(names)
                                                  .add(tools)
                                                  .add(tool_versions)
                                                  .add(risks)
                                                  .add(states)
                                                  .add(turns)
                                                  .add(proposed)
                                                  .add(arguments)
                                                  .add(origins)
                                                  .add(decisions)
                                                  .add(codes)
                                                  .add(sent)
                                                  .add(unsent)
                                                  .add(due)
                                                  .add(tokens)
                                                  .add(leases)
                                                  .add(ended)
                                                  .add(claimers));
}

void write_effects(pipeline::Batch& batch, const Cases& cases) {
  Owners owners;
  Texts tools, states, keys, arguments;
  std::vector<std::int64_t> tool_versions;
  MaybeTexts operations, operation_keys, targets, currencies, receipts;
  std::vector<bool> held, overdue, passed;
  MaybeTimes held_until, unknown_since, look_at;
  std::vector<std::optional<std::int64_t>> amounts;
  Times created;
  for (const auto& [key, one] : cases) {
    for (const Effect& effect : one.effects) {
      if (!effect.changed && !effect.fresh) continue;
      owners.add(one.ticket, effect.run, effect.step);
      tools.push_back(effect.tool);
      tool_versions.push_back(effect.tool_version);
      states.push_back(word(effect.state));
      keys.push_back(effect.idempotency_key);
      arguments.push_back(effect.arguments.text());
      operations.push_back(text_or_null(effect.operation));
      operation_keys.push_back(text_or_null(effect.operation_key));
      held.push_back(effect.key_held);
      held_until.push_back(effect.held_until);
      targets.push_back(text_or_null(effect.target));
      amounts.push_back(effect.amount ? std::optional(effect.amount->minor) : std::nullopt);
      currencies.push_back(effect.amount ? std::optional(effect.amount->currency) : std::nullopt);
      receipts.push_back(text_or_null(effect.receipt));
      unknown_since.push_back(effect.unknown_since);
      look_at.push_back(effect.look_at);
      overdue.push_back(effect.overdue);
      created.push_back(effect.created_at);
      passed.push_back(effect.key_passed);
    }
  }
  if (owners.empty()) return;
  batch.transaction().queue(sql::write_effects, Parameters{}
                                                    .add(owners.tenants)
                                                    .add(owners.tickets)
                                                    .add(owners.runs)
                                                    .add(owners.steps)
                                                    .add(tools)
                                                    .add(tool_versions)
                                                    .add(states)
                                                    .add(keys)
                                                    .add(arguments)
                                                    .add(operations)
                                                    .add(operation_keys)
                                                    .add(held)
                                                    .add(held_until)
                                                    .add(targets)
                                                    .add(amounts)
                                                    .add(currencies)
                                                    .add(receipts)
                                                    .add(unknown_since)
                                                    .add(look_at)
                                                    .add(overdue)
                                                    .add(created)
                                                    .add(passed));
}

void write_evidence(pipeline::Batch& batch, const Cases& cases) {
  Owners owners;
  Texts names, tools, arguments, results, origins;
  std::vector<std::int64_t> tool_versions;
  std::vector<Bytes> digests;
  Times read;
  for (const auto& [key, one] : cases) {
    for (const Evidence& evidence : one.evidence) {
      if (!evidence.fresh) continue;
      owners.add(one.ticket, evidence.run, evidence.step);
      names.push_back(evidence.name);
      tools.push_back(evidence.tool);
      tool_versions.push_back(evidence.tool_version);
      arguments.push_back(evidence.arguments.text());
      results.push_back(evidence.result.text());
      origins.push_back(word(evidence.origin));
      digests.push_back(Bytes{crypto::sha256(results.back()).raw()});
      read.push_back(evidence.read_at);
    }
  }
  if (owners.empty()) return;
  batch.transaction().queue(sql::insert_evidence, Parameters{}
                                                      .add(owners.tenants)
                                                      .add(owners.tickets)
                                                      .add(owners.runs)
                                                      .add(owners.steps)
                                                      .add(names)
                                                      .add(tools)
                                                      .add(tool_versions)
                                                      .add(arguments)
                                                      .add(results)
                                                      .add(origins)
                                                      .add(digests)
                                                      .add(read));
}

// One array of PostgreSQL, as text.
class ArrayText {
 public:
  void add(const std::optional<std::string>& word) {
    if (text_.size() > 1) text_ += ',';
    if (!word) {
      text_ += "NULL";
      return;
    }
    text_ += '"';
    for (const char c : *word) {
      if (c == '"' || c == '\\') text_ += '\\';
      text_ += c;
    }
    text_ += '"';
  }
  std::string closed() const { return text_ + '}'; }

 private:
  std::string text_ = "{";
};

// What happened to one ticket is one row.
void write_history(pipeline::Batch& batch, const Cases& cases) {
  std::vector<base::Uuid> ids;
  Texts tenants, tickets, runs, steps, what, before, now, codes, owed;
  const auto number = [](std::int32_t value) { return value == 0 ? std::nullopt : std::optional(std::to_string(value)); };
  for (const auto& [key, one] : cases) {
    if (one.transitions.empty()) continue;
    ArrayText its_runs, its_steps, its_what, its_before, its_now, its_codes, its_owed;
    for (const Transition& transition : one.transitions) {
      its_runs.add(number(transition.run));
      its_steps.add(number(transition.step));
      its_what.add(transition.what);
      its_before.add(text_or_null(transition.old_state));
      its_now.add(transition.new_state);
      its_codes.add(joined(transition.codes));
      its_owed.add(transition.outbox_id ? std::optional(transition.outbox_id->str()) : std::nullopt);
    }
    ids.push_back(batch.ids().next());
    tenants.push_back(one.ticket.tenant);
    tickets.push_back(one.ticket.id);
    runs.push_back(its_runs.closed());
    steps.push_back(its_steps.closed());
    what.push_back(its_what.closed());
    before.push_back(its_before.closed());
    now.push_back(its_now.closed());
    codes.push_back(its_codes.closed());
    owed.push_back(its_owed.closed());
  }
  if (ids.empty()) return;
  batch.transaction().queue(sql::insert_changes, Parameters{}
                                                     .add(batch.id())
                                                     .add(ids)
                                                     .add(tenants)
                                                     .add(tickets)
                                                     .add(runs)
                                                     .add(steps)
                                                     .add(what)
                                                     .add(before)
                                                     .add(now)
                                                     .add(codes)
                                                     .add(owed));
}

}  // namespace

void CaseStore::save(pipeline::Batch& batch, std::map<std::string, TicketCase>& cases) const {
  write_tickets(batch, cases);
  write_runs(batch, cases);
  write_steps(batch, cases);
  write_effects(batch, cases);
  write_evidence(batch, cases);
  write_approvals(batch, cases);
  write_history(batch, cases);
}

}  // namespace countersign::executor
