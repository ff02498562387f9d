#include "planner/step_intake.hpp"

#include <nlohmann/json.hpp>

#include "base/errors.hpp"
#include "contracts/codec.hpp"

namespace countersign::planner {

namespace {

// Absent: a type that this build does not know.
using HeardStep = std::optional<contracts::Event>;

struct Listener {
  Conversation& one;

  Reply operator()(const contracts::StepSucceeded& heard) const { return hear(one, heard); }
  Reply operator()(const contracts::StepEnded& heard) const { return hear(one, heard); }
  Reply operator()(const contracts::RunStopped& heard) const { return hear(one, heard); }
  template <typename Other>
  Reply operator()(const Other&) const {
    return hear_unknown(one);
  }
};

base::Result<void> check(const HeardStep& heard, const Conversation& one) {
  if (!heard) return {};
  return contracts::check_body({one.tenant, one.ticket_id}, contracts::tenant_of(*heard), contracts::ticket_of(*heard));
}

Reply listen(Conversation& one, const pipeline::Arrival& arrival, pipeline::Batch& batch, telemetry::Counter& unreadable) {
  auto refusal = arrival.refusal;
  const auto* heard = std::any_cast<HeardStep>(&arrival.body);
  if (!refusal)
    if (auto fits = check(*heard, one); !fits) refusal = fits.error();
  if (refusal) {
    unreadable.add();
    batch.set_aside(arrival, *refusal);
    return hear_unreadable(one);
  }
  return *heard ? std::visit(Listener{one}, **heard) : hear_unknown(one);
}

// The data without the result, which belongs to the executor's evidence and is not kept twice.
std::string detail_of(const pipeline::Arrival& arrival) {
  nlohmann::json detail = nlohmann::json::object();
  if (const auto* heard = std::any_cast<HeardStep>(&arrival.body); heard != nullptr && *heard) {
    detail = nlohmann::json::parse(contracts::encode(**heard));
    detail.erase("result");
  }
  if (arrival.refusal) detail["refused"] = arrival.refusal->code;
  return detail.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

StepIntake::StepIntake(const ConversationStore& store, Proposer& proposer, const catalog::Catalog& catalog, telemetry::Telemetry telemetry)
    : store_(store),
      proposer_(proposer),
      catalog_(catalog),
      unreadable_(
          telemetry.metrics.counter("steps_unreadable_total", "Messages on `steps` that could not be read; each is a dead letter.")) {}

base::Result<std::any> StepIntake::decode(const contracts::Envelope& envelope, std::string_view data, std::string_view) const {
  if (!contracts::known_type(envelope.type)) return std::any(HeardStep{});
  return contracts::decode(envelope.type, data).map([](contracts::Event&& event) { return std::any(HeardStep{std::move(event)}); });
}

void StepIntake::fold(const pipeline::KeyedArrivals& keyed, Conversation& one, const catalog::Snapshot& configuration,
                      pipeline::Batch& batch, std::vector<Interaction>& interactions) {
  const auto playbooks = configuration.playbooks(one.tenant);
  bool speaks = false;
  for (const auto& arrival : keyed.arrivals) {
    const Reply reply = listen(one, arrival, batch, unreadable_);
    interactions.push_back({one.tenant, one.ticket_id, one.version, arrival.envelope.type.empty() ? "unreadable" : arrival.envelope.type,
                            detail_of(arrival), std::nullopt});
    speaks |= Proposer::follow(one, reply, playbooks);
  }
  if (speaks) proposer_.propose(one, batch, interactions);
}

void StepIntake::apply(pipeline::Batch& batch) {
  const auto configuration = catalog_.current();
  if (!configuration) throw base::Unavailable("no configuration has been read yet");
  std::vector<std::string> keys;
  for (const auto& keyed : batch.arrivals())
    if (!keyed.arrivals.empty()) keys.push_back(keyed.key);
  auto conversations = store_.load(batch, keys);
  std::vector<const Conversation*> changed;
  std::vector<Interaction> interactions;
  for (const auto& keyed : batch.arrivals()) {
    const auto found = conversations.find(keyed.key);
    // The executor may know a ticket before we do; the ticket's own event will make us speak, and then with the newest `after`.
    if (found == conversations.end() || found->second.version == 0) continue;
    fold(keyed, found->second, *configuration, batch, interactions);
    changed.push_back(&found->second);
  }
  store_.save(batch, changed);
  store_.note(batch, interactions);
}

}  // namespace countersign::planner
