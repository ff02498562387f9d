#include "approval/handoff_desk.hpp"

#include <algorithm>

namespace countersign::approval {

namespace {

// A word we do not know comes from a newer executor, which had a reason to say it.
domain::HandoffPriority priority_of(const contracts::ReferralHandoff& referral) {
  return domain::find_named<domain::HandoffPriority>(referral.priority).value_or(domain::HandoffPriority::high);
}

}  // namespace

Handoff HandoffDesk::open(const contracts::ReferralHandoff& referral, const base::Uuid& id, const base::Uuid& referral_id,
                          base::WallTime now) {
  Handoff handoff;
  handoff.tenant = referral.tenant;
  handoff.ticket_id = referral.ticket_id;
  handoff.id = id;
  handoff.run = referral.run;
  handoff.reason = referral.reason;
  handoff.codes = referral.codes;
  handoff.priority = priority_of(referral);
  handoff.summary = referral.summary;
  handoff.effects = referral.effects;
  handoff.referral_id = referral_id;
  handoff.opened_at = now;
  return handoff;
}

void HandoffDesk::add(Handoff& handoff, const contracts::ReferralHandoff& referral) {
  handoff.priority = std::max(handoff.priority, priority_of(referral));
  for (const auto& code : referral.codes)
    if (std::find(handoff.codes.begin(), handoff.codes.end(), code) == handoff.codes.end()) handoff.codes.push_back(code);
  if (referral.run < handoff.run || referral.run == 0) return;
  handoff.run = referral.run;
  handoff.effects = referral.effects;
}

contracts::ReferralHandoff unreadable_referral(const std::string& tenant, const std::string& ticket_id, const std::string& code) {
  contracts::ReferralHandoff referral;
  referral.tenant = tenant;
  referral.ticket_id = ticket_id;
  referral.reason = "referral_unreadable";
  referral.codes = {code};
  referral.priority = domain::name_of(domain::HandoffPriority::high);
  referral.summary = "The executor referred this ticket to people, but its message could not be read. It is among the dead letters.";
  return referral;
}

contracts::HandoffOpened to_message(const Handoff& handoff) {
  contracts::HandoffOpened message;
  message.tenant = handoff.tenant;
  message.ticket_id = handoff.ticket_id;
  message.handoff_id = handoff.id;
  message.run = handoff.run;
  message.reason = handoff.reason;
  message.codes = handoff.codes;
  message.priority = domain::name_of(handoff.priority);
  message.summary = handoff.summary;
  message.effects = handoff.effects;
  message.opened_at = base::to_rfc3339(handoff.opened_at);
  return message;
}

}  // namespace countersign::approval
