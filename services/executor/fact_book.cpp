#include "executor/fact_book.hpp"

#include <algorithm>

#include "base/invariant.hpp"
#include "contracts/value.hpp"

namespace countersign::executor {

namespace {

using domain::Origin;
using domain::Value;

const domain::Pointer& requester_id() {
  static const domain::Pointer pointer = *domain::Pointer::parse("/requester/id");
  return pointer;
}

const domain::Pointer& actor_id() {
  static const domain::Pointer pointer = *domain::Pointer::parse("/actor/id");
  return pointer;
}

const domain::Pointer& actor_roles() {
  static const domain::Pointer pointer = *domain::Pointer::parse("/actor/roles");
  return pointer;
}

// The document that `ticket:/…` points into. Members that nobody has given are not there.
Value ticket_value(const Ticket& ticket) {
  Value::Object document;
  if (!ticket.requester.is_null()) document.emplace("requester", contracts::to_value(ticket.requester));
  if (ticket.subject) document.emplace("subject", *ticket.subject);
  if (ticket.text) document.emplace("text", *ticket.text);
  if (!ticket.actor.is_null()) document.emplace("actor", contracts::to_value(ticket.actor));
  if (ticket.instruction) document.emplace("instruction", *ticket.instruction);
  document.emplace("fields", contracts::to_value(ticket.fields));
  return document;
}

std::string_view status_word(TicketStatus status) {
  if (status == TicketStatus::open) return "open";
  return status == TicketStatus::closed ? "closed" : "unopened";
}

tl::unexpected<base::Refusal> absent(const std::string& what) { return base::refuse("source_absent", "there is nothing at " + what); }

void add_fact(policy::Facts& facts, std::string name, Value value, Origin origin = Origin::system_of_record) {
  facts.named.emplace(std::move(name), policy::Fact{std::move(value), origin});
}

// Who proposes is the planner's own word.
void add_run_facts(policy::Facts& facts, const Run& run) {
  add_fact(facts, "run.turns", static_cast<std::int64_t>(run.turns));
  add_fact(facts, "run.number", static_cast<std::int64_t>(run.number));
  const auto agent = agent_of(run);
  if (!agent) return;
  add_fact(facts, "agent.name", agent->name, Origin::model);
  add_fact(facts, "agent.version", agent->version, Origin::model);
}

}  // namespace

FactBook::FactBook(const catalog::Snapshot& snapshot, const TicketCase& one)
    : snapshot_(snapshot), case_(one), realm_(snapshot.find_realm(one.ticket.realm)), ticket_(ticket_value(one.ticket)) {
  evidence_.reserve(one.evidence.size());
  for (const auto& evidence : one.evidence) evidence_.push_back(contracts::to_value(evidence.result));
}

domain::SourceReader FactBook::reader() const {
  return {.ticket = [this](const domain::Pointer& pointer) { return read_ticket(pointer); },
          .evidence = [this](const std::string& step, const domain::Pointer& pointer) { return read_evidence(step, pointer); },
          .constant = [this](const std::string& id) { return read_constant(id); }};
}

Origin FactBook::ticket_origin(std::string_view pointer) const {
  if (case_.ticket.authenticated && pointer == requester_id().text()) return Origin::verified_field;
  if (case_.ticket.actor_authenticated && (pointer == "/actor" || pointer.starts_with("/actor/"))) return Origin::verified_field;
  return realm_ != nullptr && realm_->verifies(pointer) ? Origin::verified_field : Origin::customer_text;
}

base::Result<domain::Sourced> FactBook::read_ticket(const domain::Pointer& pointer) const {
  const Value* value = find_at(ticket_, pointer);
  if (value == nullptr) return absent("ticket:" + pointer.text());
  return domain::Sourced{*value, ticket_origin(pointer.text())};
}

// Of several steps with this name, which earlier plans may have used too, the newest.
base::Result<domain::Sourced> FactBook::read_evidence(const std::string& step, const domain::Pointer& pointer) const {
  const Evidence* newest = nullptr;
  for (const auto& evidence : case_.evidence)
    if (evidence.name == step && (newest == nullptr || evidence.step > newest->step)) newest = &evidence;
  const Value* value = newest == nullptr ? nullptr : find_at(evidence_[static_cast<std::size_t>(newest - case_.evidence.data())], pointer);
  if (value == nullptr) return absent("evidence:" + step + "#" + pointer.text());
  const bool trusted =
      read_under_present_manifest(*newest) && snapshot_.find_tool(case_.ticket.tenant, newest->tool)->trusts_result(pointer.text());
  return domain::Sourced{*value, domain::evidence_origin(newest->origin, trusted)};
}

bool FactBook::read_under_present_manifest(const Evidence& evidence) const {
  const auto* manifest = snapshot_.find_tool(case_.ticket.tenant, evidence.tool);
  return manifest != nullptr && manifest->version == evidence.tool_version;
}

// What a rule that allows may lean on. Under another manifest nobody said so of this result.
std::vector<domain::Pointer> FactBook::trusted_parts(const Evidence& evidence) const {
  if (!read_under_present_manifest(evidence)) return {};
  return snapshot_.find_tool(case_.ticket.tenant, evidence.tool)->result.trusted;
}

base::Result<domain::Sourced> FactBook::read_constant(const std::string& id) const {
  const auto* constant = snapshot_.find_constant(case_.ticket.tenant, id);
  if (constant == nullptr) return absent("constant:" + id);
  return domain::Sourced{contracts::to_value(constant->value), Origin::constant};
}

domain::OriginMap FactBook::ticket_origins() const {
  domain::OriginMap origins{{"", Origin::customer_text}};
  if (realm_ != nullptr)
    for (const auto& pointer : realm_->verified_fields) origins[pointer] = Origin::verified_field;
  if (case_.ticket.authenticated) origins[requester_id().text()] = Origin::verified_field;
  if (case_.ticket.actor_authenticated) origins["/actor"] = Origin::verified_field;
  return origins;
}

policy::Facts FactBook::facts(const Action& action) const {
  const Ticket& ticket = case_.ticket;
  policy::Facts facts;
  facts.tool = action.manifest.name;
  facts.arguments = action.arguments;
  facts.argument_origins = action.origins;
  facts.ticket = ticket_;
  facts.ticket_origins = ticket_origins();
  add_fact(facts, "tool", action.manifest.name);
  add_fact(facts, "class", domain::name_of(action.manifest.risk));
  if (action.amount) add_fact(facts, "amount", *action.amount, domain::worst_of(action.origins));
  if (const Value* id = find_at(ticket_, requester_id())) add_fact(facts, "requester.id", *id, ticket_origin(requester_id().text()));
  add_fact(facts, "requester.authenticated", ticket.authenticated);
  if (const Value* id = find_at(ticket_, actor_id())) add_fact(facts, "actor.id", *id, ticket_origin(actor_id().text()));
  if (const Value* roles = find_at(ticket_, actor_roles())) add_fact(facts, "actor.roles", *roles, ticket_origin(actor_roles().text()));
  add_fact(facts, "actor.authenticated", !ticket.actor.is_null() && ticket.actor_authenticated);
  add_fact(facts, "ticket.version", ticket.version);
  add_fact(facts, "ticket.status", status_word(ticket.status));
  add_fact(facts, "ticket.realm", ticket.realm);
  if (case_.run) add_run_facts(facts, *case_.run);
  for (std::size_t i = 0; i < case_.evidence.size(); ++i) {
    const Evidence& evidence = case_.evidence[i];
    facts.evidence.push_back(
        {evidence.tool, contracts::to_value(evidence.arguments), evidence_[i], evidence.origin, trusted_parts(evidence)});
  }
  return facts;
}

}  // namespace countersign::executor
