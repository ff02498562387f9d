#include "executor/plan_intake.hpp"

#include <memory>

#include "contracts/codec.hpp"

namespace countersign::executor {

namespace {

using EventPointer = std::shared_ptr<const contracts::Event>;

}  // namespace

bool PlanIntake::wants(std::string_view type) const {
  return type == contracts::types::plan_proposed || type == contracts::types::plan_withdrawn;
}

base::Result<std::any> PlanIntake::decode(const contracts::Envelope& envelope, std::string_view data, std::string_view) const {
  auto event = contracts::decode(envelope.type, data);
  if (!event) return tl::unexpected(event.error());
  return std::any(EventPointer(std::make_shared<const contracts::Event>(std::move(*event))));
}

void PlanIntake::apply(pipeline::Batch& batch) {
  std::vector<std::string> keys;
  for (const auto& [key, arrivals] : batch.arrivals())
    if (!arrivals.empty()) keys.push_back(key);
  auto cases = store_.load(batch, keys, Expected::no_steps);
  for (const auto& [key, arrivals] : batch.arrivals())
    for (const auto& arrival : arrivals) take(cases.at(key), arrival, batch);
  if (turns_ != nullptr) turns_->settle(cases, batch);
  store_.save(batch, cases);
}

void PlanIntake::committed() {
  if (turns_ != nullptr)
    turns_->committed();
  else
    claimable_.ring();
}

void PlanIntake::take(TicketCase& one, const pipeline::Arrival& arrival, pipeline::Batch& batch) const {
  const auto* body = std::any_cast<EventPointer>(&arrival.body);
  if (body == nullptr || arrival.refusal) return plans_.consider_unreadable(one, batch);
  const contracts::Event& event = **body;
  if (const auto same = contracts::check_body({one.ticket.tenant, one.ticket.id}, contracts::tenant_of(event), contracts::ticket_of(event));
      !same) {
    batch.set_aside(arrival, same.error());
    return plans_.consider_unreadable(one, batch);
  }
  if (const auto* plan = std::get_if<contracts::PlanProposed>(&event)) plans_.consider(one, *plan, batch);
  if (const auto* withdrawn = std::get_if<contracts::PlanWithdrawn>(&event)) plans_.withdraw(one, *withdrawn);
}

}  // namespace countersign::executor
