#include "approval/referral_intake.hpp"

#include "approval/handoff_desk.hpp"
#include "approval/key_parts.hpp"
#include "base/errors.hpp"
#include "contracts/codec.hpp"

namespace countersign::approval {

namespace {

// The handoff that was referred, or why it cannot be read.
base::Result<contracts::ReferralHandoff> read_handoff(const contracts::MessageKey& key, const pipeline::Arrival& arrival) {
  if (arrival.refusal) return tl::unexpected(*arrival.refusal);
  const auto* event = std::any_cast<contracts::Event>(&arrival.body);
  const auto* referral = event != nullptr ? std::get_if<contracts::ReferralHandoff>(event) : nullptr;
  if (referral == nullptr) return base::refuse("referral_unreadable", "the message is not what its type says");
  return contracts::check_body(key, referral->tenant, referral->ticket_id).map([&] { return *referral; });
}

}  // namespace

ReferralIntake::ReferralIntake(const HandoffParts& handoffs, const DeskParts& desk, const catalog::Catalog& catalog,
                               telemetry::Telemetry telemetry)
    : handoffs_(handoffs),
      desk_(desk),
      catalog_(catalog),
      unreadable_(telemetry.metrics.counter("referrals_unreadable_total",
                                            "Referrals that could not be taken; each is a dead letter and a handoff.")) {}

bool ReferralIntake::wants(std::string_view type) const { return type == contracts::types::referral_handoff || ApprovalDesk::takes(type); }

base::Result<std::any> ReferralIntake::decode(const contracts::Envelope& envelope, std::string_view data, std::string_view) const {
  return contracts::decode(envelope.type, data).map([](contracts::Event&& event) { return std::any(std::move(event)); });
}

void ReferralIntake::apply(pipeline::Batch& batch) {
  const auto configuration = catalog_.current();
  if (!configuration) throw base::Unavailable("no configuration has been read yet");
  HandoffConductor handoffs(handoffs_, batch, *configuration);
  ApprovalDesk desk(desk_, batch, *configuration);
  for (const auto& [key, arrivals] : batch.arrivals())
    for (const auto& arrival : arrivals) take(key, arrival, desk, handoffs, batch);
  desk.save();
  handoffs.save();
}

void ReferralIntake::take(const std::string& key, const pipeline::Arrival& arrival, ApprovalDesk& desk, HandoffConductor& handoffs,
                          pipeline::Batch& batch) {
  const auto parts = parts_of(key);
  std::optional<base::Refusal> trouble;
  if (ApprovalDesk::takes(arrival.envelope.type)) {
    trouble = desk.take(parts, arrival);
  } else if (const auto referral = read_handoff(parts, arrival)) {
    handoffs.refer(key, *referral, arrival);
  } else {
    trouble = referral.error();
  }
  if (!trouble) return;
  unreadable_.add();
  batch.set_aside(arrival, *trouble);
  handoffs.refer(key, unreadable_referral(parts.tenant, parts.ticket, trouble->code), arrival);
}

}  // namespace countersign::approval
