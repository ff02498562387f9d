#include "planner/step_intake.hpp"

#include <memory>

#include "base/errors.hpp"
#include "contracts/codec.hpp"
#include "contracts/member_writer.hpp"

namespace countersign::planner {

namespace {

// nullptr: a type that this build does not know. Shared, because arrivals are copied.
using HeardStep = std::shared_ptr<const contracts::Event>;

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
std::string detail_of(const contracts::StepSucceeded& heard) {
  contracts::MemberWriter detail;
  detail.put("tenant", heard.tenant).put("ticket_id", heard.ticket_id).put("run", heard.run).put("step", heard.step);
  return detail.put("name", heard.name).put("tool", heard.tool).put("ticket_version", heard.ticket_version).text();
}
template <contracts::Message M>
std::string detail_of(const M& heard) {
  return contracts::encode(heard);
}

std::string detail_of(const pipeline::Arrival& arrival) {
  if (arrival.refusal) return contracts::MemberWriter().put("refused", arrival.refusal->code).text();
  const auto* heard = std::any_cast<HeardStep>(&arrival.body);
  if (heard == nullptr || *heard == nullptr) return "{}";
  return std::visit([](const auto& message) { return detail_of(message); }, **heard);
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
  return contracts::decode(envelope.type, data).map([](contracts::Event&& event) {
    return std::any(HeardStep{std::make_shared<const contracts::Event>(std::move(event))});
  });
}

Exchange StepIntake::fold(const pipeline::KeyedArrivals& keyed, Conversation& one, const catalog::Snapshot& configuration,
                          pipeline::Batch& batch) {
  Exchange exchange(one);
  bool speaks = false;
  for (const auto& arrival : keyed.arrivals) {
    const Reply reply = listen(one, arrival, batch, unreadable_);
    exchange.add(one.version, arrival.envelope.type.empty() ? "unreadable" : arrival.envelope.type, detail_of(arrival));
    if (reply.move != Reply::Move::none) speaks |= Proposer::follow(one, reply, configuration.playbooks(one.tenant));
  }
  if (speaks) proposer_.propose(one, batch, exchange);
  return exchange;
}

void StepIntake::apply(pipeline::Batch& batch) {
  const auto configuration = catalog_.current();
  if (!configuration) throw base::Unavailable("no configuration has been read yet");
  std::vector<std::string> keys;
  for (const auto& keyed : batch.arrivals())
    if (!keyed.arrivals.empty()) keys.push_back(keyed.key);
  auto conversations = store_.load_proposals(batch, keys);
  std::vector<const Conversation*> changed;
  std::vector<Exchange> exchanges;
  for (const auto& keyed : batch.arrivals()) {
    const auto found = conversations.find(keyed.key);
    // The executor may know a ticket before we do; the ticket's own event will make us speak, and then with the newest `after`.
    if (found == conversations.end() || found->second.version == 0) continue;
    exchanges.push_back(fold(keyed, found->second, *configuration, batch));
    changed.push_back(&found->second);
  }
  store_.save_proposals(batch, changed);
  store_.note(batch, exchanges);
}

}  // namespace countersign::planner
