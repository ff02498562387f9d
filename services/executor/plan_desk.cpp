#include "executor/plan_desk.hpp"

#include <nlohmann/json.hpp>

#include "base/errors.hpp"
#include "base/invariant.hpp"
#include "contracts/codec.hpp"
#include "executor/configuration_watch.hpp"
#include "executor/plan_review.hpp"
#include "executor/territory.hpp"

namespace countersign::executor {

namespace {

using Kind = domain::PlanVerdict::Kind;

domain::RunFacts facts_of(const TicketCase& one, pipeline::Batch& batch) {
  static const std::size_t steps = territory().output_slot("steps");
  const Ticket& ticket = one.ticket;
  domain::RunFacts facts;
  // Until it is opened nothing is known of a ticket, however many of its events wait.
  facts.ticket_version = ticket.status == TicketStatus::unopened ? 0 : ticket.version;
  facts.ticket_closed = ticket.status == TicketStatus::closed;
  if (one.run) facts.run = one.run->state;
  facts.version_ended = ticket.ended_version == ticket.version;
  facts.last_steps_sequence = batch.key_state(one.key()).outputs[steps];
  facts.turns_used = one.run ? one.run->turns : 0;
  facts.runs_opened = ticket.runs_opened;
  facts.held_version = ticket.held_version;
  return facts;
}

void forget_held(Ticket& ticket) {
  ticket.held_plan = {};
  ticket.held_version.reset();
}

contracts::PlanProposed held_plan(const Ticket& ticket) {
  auto plan = contracts::decode_value(contracts::types::plan_proposed, ticket.held_plan.value());
  COUNTERSIGN_INVARIANT(plan.has_value(), "a plan is held in the form in which it was read");
  return std::get<contracts::PlanProposed>(std::move(*plan));
}

}  // namespace

PlanDesk::PlanDesk(const RunConductor& conductor, const catalog::Catalog& catalog, telemetry::Telemetry telemetry)
    : conductor_(conductor), catalog_(catalog), telemetry_(telemetry) {}

void PlanDesk::consider(TicketCase& one, const contracts::PlanProposed& plan, pipeline::Batch& batch) const {
  const auto configuration = catalog_.current();
  if (!configuration) throw base::Unavailable("no configuration has been loaded yet");
  domain::PlanFacts facts;
  facts.ticket_version = plan.ticket_version;
  facts.after = plan.after;
  facts.faults = find_faults(plan, one, *configuration);
  // What we do not know may have been applied a moment ago: whoever proposed it has read it already.
  if (!facts.faults.empty() && !is_current(*configuration, batch))
    throw base::Unavailable("a plan is judged when the configuration that the database has is read");
  const auto verdict = domain::judge_plan(facts_of(one, batch), facts);
  if (verdict.kind != Kind::accept) return apply(one, verdict, &plan, batch);
  count("accepted", "");
  if (verdict.opens_run) conductor_.open_run(one, batch);
  if (one.run) conductor_.accept_plan(one, plan, risks_of(plan, *configuration), batch);
}

void PlanDesk::consider_unreadable(TicketCase& one, pipeline::Batch& batch) const {
  domain::PlanFacts facts;
  facts.readable = false;
  apply(one, domain::judge_plan(facts_of(one, batch), facts), nullptr, batch);
}

void PlanDesk::consider_held(TicketCase& one, pipeline::Batch& batch) const {
  Ticket& ticket = one.ticket;
  if (!ticket.held_version || ticket.status == TicketStatus::unopened || *ticket.held_version > ticket.version) return;
  const auto plan = held_plan(ticket);
  forget_held(ticket);
  one.ticket_changed = true;
  consider(one, plan, batch);
}

void PlanDesk::withdraw(TicketCase& one, const contracts::PlanWithdrawn& withdrawn) const {
  if (one.ticket.held_version != withdrawn.ticket_version) return;
  forget_held(one.ticket);
  one.ticket_changed = true;
}

// Everything but acceptance.
void PlanDesk::apply(TicketCase& one, const domain::PlanVerdict& verdict, const contracts::PlanProposed* plan,
                     pipeline::Batch& batch) const {
  if (verdict.kind == Kind::drop) return count("dropped", verdict.codes.front());
  if (verdict.kind == Kind::hold) {
    count("held", "");
    one.ticket.held_plan = contracts::Json(nlohmann::json::parse(contracts::encode(*plan)));
    one.ticket.held_version = plan->ticket_version;
    one.ticket_changed = true;
    return;
  }
  count("rejected", verdict.codes.front());
  if (verdict.opens_run) conductor_.open_run(one, batch);
  if (!one.run) return;
  conductor_.reject_plan(one, verdict.codes, batch);
  if (!verdict.escalates.empty()) conductor_.escalate(one, verdict.escalates, batch);
}

void PlanDesk::count(std::string_view verdict, std::string_view reason) const {
  telemetry_.metrics
      .counter("plans_total", "Plans by what became of them.", {{"verdict", std::string(verdict)}, {"reason", std::string(reason)}})
      .add();
}

}  // namespace countersign::executor
