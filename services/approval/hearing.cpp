#include "approval/hearing.hpp"

#include "approval/key_parts.hpp"
#include "contracts/codec.hpp"
#include "contracts/envelope.hpp"
#include "crypto/digest.hpp"

namespace countersign::approval {

namespace {

using domain::ApprovalEvent;
using domain::ApprovalState;

People one_person(const Question& question, const Voice& voice) {
  const auto roles = voice.person->approver().roles;
  for (const auto& duty : question.approval.requirement.roles)
    if (roles.contains(duty.role)) return {{voice.person->name, duty.role}};
  return {{voice.person->name, std::nullopt}};
}

}  // namespace

Hearing::Hearing(const ApprovalParts& parts, pipeline::Batch& batch, const catalog::Snapshot& configuration,
                 const catalog::Directory& directory, const std::string& audience)
    : parts_(parts),
      batch_(batch),
      configuration_(configuration),
      directory_(directory),
      audience_(audience),
      conductor_(parts, batch, configuration, docket_) {
  for (const auto& [key, arrivals] : batch.arrivals())
    for (const auto& arrival : arrivals) admit(parts_of(key), arrival);
  docket_ = parts_.store.load(batch_, approvals());
  spent_ = parts_.store.find_spent(batch_, nonces());
}

void Hearing::run() {
  for (const auto& submission : submissions_) judge(submission);
  parts_.store.save(batch_, docket_);
}

void Hearing::admit(const contracts::MessageKey& key, const pipeline::Arrival& arrival) {
  if (arrival.refusal) return;  // among the dead letters already
  const auto& message = std::get<contracts::DecisionSubmitted>(std::any_cast<const contracts::Event&>(arrival.body));
  const auto* realm = configuration_.find_realm_of_topic(arrival.message->at.topic);
  if (realm == nullptr || !realm->carries(key.tenant))
    return batch_.set_aside(arrival, {"tenant_not_in_realm", "the realm of this topic does not carry the tenant"});
  if (auto fits = contracts::check_body(key, message.tenant, message.ticket_id); !fits) return batch_.set_aside(arrival, fits.error());
  submissions_.push_back({&arrival, &message, realm->name, hear(message.decision, message.tenant, directory_)});
}

std::set<ApprovalKey> Hearing::approvals() const {
  std::set<ApprovalKey> keys;
  for (const auto& one : submissions_) keys.insert({one.message->tenant, one.message->approval_id});
  return keys;
}

std::set<ApprovalStore::Nonce> Hearing::nonces() const {
  std::set<ApprovalStore::Nonce> nonces;
  for (const auto& one : submissions_)
    if (one.voice) nonces.insert({one.message->tenant, one.voice->claims.nonce});
  return nonces;
}

void Hearing::judge(const Submission& submission) {
  Decision decision = make_decision(submission);
  Approval* approval = find_approval(*submission.message);
  const auto refuse = [&](std::string code, bool answer) {
    decision.code = std::move(code);
    conductor_.record(approval, std::move(decision), answer);
  };
  if (!submission.voice) return refuse(submission.voice.error().code, false);
  if (approval == nullptr) return refuse("approval_unknown", false);
  const Voice& voice = *submission.voice;
  if (voice.claims.tenant != approval->tenant || voice.claims.approval_id != approval->id)
    return refuse("decision_contradicts_message", false);
  if (seen_before(submission, decision)) return;
  if (decision.code) return conductor_.record(approval, std::move(decision), true);

  docket_.nonce_spenders.push_back(decision.id);
  expire_when_over(*approval);
  const Question question = conductor_.question_about(*approval);
  if (const auto checked = check(*approval, question, voice); !checked) return refuse(checked.error().code, true);
  count(*approval, question, voice, std::move(decision));
}

Decision Hearing::make_decision(const Submission& submission) const {
  const auto& message = *submission.message;
  Decision decision;
  decision.tenant = message.tenant;
  decision.id = batch_.ids().next();
  decision.approval_id = message.approval_id;
  decision.ticket_id = message.ticket_id;
  decision.realm = submission.realm;
  decision.digest = crypto::sha256(message.decision).hex();
  decision.jws = message.decision;
  decision.received_at = batch_.now();
  if (!submission.voice) return decision;
  const Voice& voice = *submission.voice;
  decision.person = voice.person->name;
  decision.issuer = voice.claims.issuer;
  decision.kid = voice.kid;
  decision.verb = voice.claims.verb;
  decision.reason = voice.claims.reason;
  decision.nonce = voice.claims.nonce;
  return decision;
}

Approval* Hearing::find_approval(const contracts::DecisionSubmitted& message) {
  Approval* approval = docket_.find({message.tenant, message.approval_id});
  return approval != nullptr && approval->ticket_id == message.ticket_id ? approval : nullptr;
}

// True for a decision that was judged before: the log delivers more than once. The nonce of another one is an attack or a broken tool.
bool Hearing::seen_before(const Submission& submission, Decision& decision) {
  const auto [found, fresh] = spent_.emplace(ApprovalStore::Nonce{decision.tenant, *decision.nonce}, decision.digest);
  if (fresh) return false;
  if (found->second == decision.digest) {
    parts_.counters.decision_repeated();
    return true;
  }
  decision.code = "nonce_spent";
  parts_.log.error("nonce_reused", {{"tenant", decision.tenant}, {"person", *decision.person}, {"decision", decision.id.str()}});
  batch_.set_aside(*submission.arrival, {"nonce_spent", "another decision has spent this nonce"});
  return false;
}

base::Result<void> Hearing::check(Approval& approval, const Question& question, const Voice& voice) const {
  const auto& claims = voice.claims;
  return contracts::check_audience(claims.audience, audience_)
      .and_then([&] { return contracts::check_times(claims.issued_at, claims.expires_at, batch_.now(), contracts::longest_decision); })
      .and_then([&]() -> base::Result<void> {
        if (approval.state == ApprovalState::expired) return base::refuse("approval_expired", "the time to decide is over");
        if (!approval.open()) return base::refuse("approval_not_open", "it has been decided");
        if (claims.action_digest != approval.action_digest)
          return base::refuse("action_digest_wrong", "another action was signed than the one that is asked about");
        return {};
      })
      .and_then([&] { return check_authority(question, voice); });
}

// Nobody is to win against the clock because the loop that watches it has not come by yet.
void Hearing::expire_when_over(Approval& approval) {
  if (approval.open() && approval.over(batch_.now()))
    conductor_.end(approval, {.event = ApprovalEvent::expire, .codes = {"approval_expired"}});
}

void Hearing::count(Approval& approval, const Question& question, const Voice& voice, Decision decision) {
  conductor_.record(&approval, decision, true);
  const auto& verb = voice.claims.verb;
  if (verb == "deny") {
    conductor_.end(approval, {.event = ApprovalEvent::deny,
                              .people = one_person(question, voice),
                              .reason = voice.claims.reason,
                              .codes = {"denied_by_person"}});
  } else if (verb == "request_changes") {
    conductor_.end(approval,
                   {.event = ApprovalEvent::request_changes, .people = one_person(question, voice), .reason = voice.claims.reason});
  } else {
    approval.votes.push_back(std::move(decision));
    if (const auto result = conductor_.weigh(question, directory_); result.met) conductor_.grant(approval, result);
  }
}

}  // namespace countersign::approval
