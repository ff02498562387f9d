#include "approval/approval_desk.hpp"

#include <nlohmann/json.hpp>

#include "approval/key_parts.hpp"
#include "contracts/codec.hpp"
#include "contracts/envelope.hpp"
#include "contracts/guarded_json.hpp"
#include "contracts/messages.hpp"

namespace countersign::approval {

namespace {

using domain::ApprovalEvent;
using domain::ApprovalState;

template <typename Referral>
contracts::VerdictEnded withdrawal(const Referral& referral, const std::string& code) {
  contracts::VerdictEnded verdict;
  verdict.end = "withdrawn";
  verdict.tenant = referral.tenant;
  verdict.ticket_id = referral.ticket_id;
  verdict.approval_id = referral.approval_id;
  verdict.run = referral.run;
  verdict.step = referral.step;
  verdict.action_digest = referral.action_digest;
  verdict.codes = {code};
  return verdict;
}

struct ApprovalIdOf {
  template <typename Message>
  std::optional<base::Uuid> operator()(const Message& message) const {
    if constexpr (std::is_same_v<Message, contracts::ReferralApproval>)
      return message.shown.approval_id;
    else if constexpr (requires { message.approval_id; })
      return message.approval_id;
    else
      return std::nullopt;
  }
};

// What of a referral can be read although it cannot be read as a whole: enough to end the executor's waiting.
std::optional<contracts::ReferralRenewal> salvage(const contracts::MessageKey& key, const pipeline::Arrival& arrival) {
  if (!arrival.message) return std::nullopt;
  const auto opened = contracts::open_envelope(arrival.message->headers, arrival.message->value);
  if (!opened) return std::nullopt;
  const auto json = contracts::read_json(opened->data());
  if (!json || !json->is_object()) return std::nullopt;
  const auto text = [&](const char* name) {
    return json->contains(name) && (*json)[name].is_string() ? (*json)[name].get<std::string>() : "";
  };
  const auto number = [&](const char* name) {
    return json->contains(name) && (*json)[name].is_number_integer() ? (*json)[name].get<std::int64_t>() : 0;
  };
  const auto id = base::Uuid::parse(text("approval_id"));
  const contracts::ReferralRenewal found{text("tenant"), text("ticket_id"),         number("run"),
                                         number("step"), id.value_or(base::Uuid{}), text("action_digest")};
  const bool whole = found.tenant == key.tenant && found.ticket_id == key.ticket && found.run > 0 && found.step > 0 && id &&
                     found.action_digest.size() == 64 && found.action_digest.find_first_not_of("0123456789abcdef") == std::string::npos;
  return whole ? std::optional(found) : std::nullopt;
}

std::optional<base::Uuid> approval_id_of(const contracts::MessageKey& key, const pipeline::Arrival& arrival) {
  if (const auto* event = std::any_cast<contracts::Event>(&arrival.body)) return std::visit(ApprovalIdOf{}, *event);
  const auto found = salvage(key, arrival);
  return found ? std::optional(found->approval_id) : std::nullopt;
}

std::set<ApprovalKey> keys_in(const pipeline::Batch& batch) {
  std::set<ApprovalKey> keys;
  for (const auto& [text, arrivals] : batch.arrivals()) {
    const auto key = parts_of(text);
    for (const auto& arrival : arrivals) {
      if (!ApprovalDesk::takes(arrival.envelope.type)) continue;
      if (const auto id = approval_id_of(key, arrival)) keys.insert({key.tenant, *id});
    }
  }
  return keys;
}

}  // namespace

ApprovalDesk::ApprovalDesk(const DeskParts& parts, pipeline::Batch& batch, const catalog::Snapshot& configuration)
    : parts_(parts),
      batch_(batch),
      docket_(parts.approvals.store.load(batch, keys_in(batch))),
      conductor_(parts.approvals, batch, configuration, docket_) {}

bool ApprovalDesk::takes(std::string_view type) {
  return type == contracts::types::referral_approval || type == contracts::types::referral_renewal ||
         type == contracts::types::referral_consumed || type == contracts::types::referral_withdrawn;
}

void ApprovalDesk::save() { parts_.approvals.store.save(batch_, docket_); }

ApprovalDesk::Trouble ApprovalDesk::take(const contracts::MessageKey& key, const pipeline::Arrival& arrival) {
  const auto* event = std::any_cast<contracts::Event>(&arrival.body);
  if (arrival.refusal || event == nullptr) return take_unreadable(key, arrival);
  if (auto fits = contracts::check_body(key, contracts::tenant_of(*event), contracts::ticket_of(*event)); !fits)
    return set_aside(arrival, fits.error());
  if (const auto* request = std::get_if<contracts::ReferralApproval>(event)) return take_request(key, arrival, *request);
  if (const auto* withdrawn = std::get_if<contracts::ReferralWithdrawn>(event)) return withdraw(arrival, *withdrawn);
  if (const auto* consumed = std::get_if<contracts::ReferralConsumed>(event)) return consume(arrival, *consumed);
  return renew(std::get<contracts::ReferralRenewal>(*event));
}

ApprovalDesk::Trouble ApprovalDesk::take_request(const contracts::MessageKey& key, const pipeline::Arrival& arrival,
                                                 const contracts::ReferralApproval& referral) {
  const auto& shown = referral.shown;
  if (const auto* known = docket_.find({shown.tenant, shown.approval_id})) return take_repeated(arrival, referral, *known);
  if (const auto checked = check_referral(referral, key, parts_.approvals.executors, batch_.now()); !checked) {
    parts_.approvals.counters.unverifiable();
    parts_.approvals.log.error("referral_unverifiable", {{"tenant", key.tenant}, {"ticket", key.ticket}, {"code", checked.error().code}});
    conductor_.refuse(withdrawal(shown, unverifiable));
    return set_aside(arrival, checked.error());
  }
  conductor_.open(referral, shown_digest(shown));
  return std::nullopt;
}

ApprovalDesk::Trouble ApprovalDesk::take_repeated(const pipeline::Arrival& arrival, const contracts::ReferralApproval& referral,
                                                  const Approval& known) {
  if (known.shown_digest == shown_digest(referral.shown)) {
    parts_.approvals.counters.repeated();
    return std::nullopt;
  }
  parts_.approvals.counters.unverifiable();
  parts_.approvals.log.error("approval_contradicted", {{"tenant", known.tenant}, {"approval", known.id.str()}});
  batch_.set_aside(arrival, {"approval_contradicted", "another request has this approval's id; the first stands"});
  return std::nullopt;
}

ApprovalDesk::Trouble ApprovalDesk::take_unreadable(const contracts::MessageKey& key, const pipeline::Arrival& arrival) {
  const auto refusal = arrival.refusal.value_or(base::Refusal{"referral_unreadable", "the message is not what its type says"});
  const bool awaited =
      arrival.envelope.type == contracts::types::referral_approval || arrival.envelope.type == contracts::types::referral_renewal;
  if (const auto found = salvage(key, arrival); found && awaited) {
    Approval* known = docket_.find({found->tenant, found->approval_id});
    if (known == nullptr)
      conductor_.refuse(withdrawal(*found, unverifiable));
    else if (arrival.envelope.type == contracts::types::referral_renewal && known->state == ApprovalState::approved)
      conductor_.end(*known, {.event = ApprovalEvent::withdraw, .codes = {unverifiable}});
  }
  return set_aside(arrival, refusal);
}

ApprovalDesk::Trouble ApprovalDesk::withdraw(const pipeline::Arrival&, const contracts::ReferralWithdrawn& referral) {
  Approval* approval = find(referral);
  // Of a request that was refused, or of one that has ended meanwhile, there is nothing left to withdraw.
  if (approval == nullptr || domain::final_state(approval->state)) return std::nullopt;
  conductor_.end(*approval, {.event = ApprovalEvent::withdraw, .codes = referral.codes, .tell_executor = false});
  return std::nullopt;
}

ApprovalDesk::Trouble ApprovalDesk::consume(const pipeline::Arrival& arrival, const contracts::ReferralConsumed& referral) {
  Approval* approval = find(referral);
  const auto jti = base::Uuid::parse(referral.jti);
  const auto countersigned = jti ? parts_.approvals.store.find_countersigned(batch_, referral.tenant, *jti) : std::nullopt;
  const bool ours = approval != nullptr && countersigned == approval->key();
  const bool usable = ours && (approval->state == ApprovalState::approved || approval->state == ApprovalState::consumed);
  if (usable) {
    conductor_.consume(*approval, *jti);
    return std::nullopt;
  }
  parts_.approvals.log.error("consumption_unfounded", {{"tenant", referral.tenant}, {"approval", referral.approval_id.str()}});
  return set_aside(arrival, {"consumption_unfounded", "the executor used what was not granted, or not any more; look at once"});
}

ApprovalDesk::Trouble ApprovalDesk::renew(const contracts::ReferralRenewal& referral) {
  Approval* approval = find(referral);
  if (approval == nullptr) {
    conductor_.refuse(withdrawal(referral, "approval_unknown"));
  } else if (approval->state == ApprovalState::approved || approval->state == ApprovalState::consumed) {
    renew_granted(*approval);
  } else if (!approval->open()) {
    conductor_.tell_again(*approval);
  }
  return std::nullopt;
}

void ApprovalDesk::renew_granted(Approval& approval) {
  const auto people = parts_.people.get_fresh(batch_.transaction());
  const auto result = conductor_.weigh(conductor_.question_about(approval), people->directory);
  const bool over = approval.over(batch_.now());
  if (!over && result.met && conductor_.grant_again(approval, result)) return;
  const std::string code = over ? "approval_expired" : result.met ? unverifiable : "authority_gone";
  if (approval.state == ApprovalState::approved)
    return conductor_.end(approval, {.event = over ? ApprovalEvent::expire : ApprovalEvent::withdraw, .codes = {code}});
  // Used already, for a call that was never sent: it stays consumed, and the executor hears why there is no more.
  Approval refused = approval;
  refused.state = over ? ApprovalState::expired : ApprovalState::withdrawn;
  refused.codes = {code};
  conductor_.refuse(make_verdict(refused, {}));
}

template <typename Referral>
Approval* ApprovalDesk::find(const Referral& referral) {
  Approval* approval = docket_.find({referral.tenant, referral.approval_id});
  const bool same = approval != nullptr && approval->ticket_id == referral.ticket_id && approval->run == referral.run &&
                    approval->step == referral.step && approval->action_digest == referral.action_digest;
  return same ? approval : nullptr;
}

ApprovalDesk::Trouble ApprovalDesk::set_aside(const pipeline::Arrival& arrival, const base::Refusal& refusal) {
  batch_.set_aside(arrival, refusal);
  return refusal;
}

}  // namespace countersign::approval
