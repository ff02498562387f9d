#pragma once

// HandoffDesk: what a referral does to a ticket's handoff. Pure.
//
//     no handoff open      opens one
//     one open, claimed    adds to it: the higher priority, the codes of both, the newer run's effects; reason and summary stay, because
//                          that is what whoever works on it has read
//
// Threads    Any thread.

#include "approval/handoff.hpp"

namespace countersign::approval {

class HandoffDesk {
 public:
  static Handoff open(const contracts::ReferralHandoff& referral, const base::Uuid& id, const base::Uuid& referral_id, base::WallTime now);
  static void add(Handoff& handoff, const contracts::ReferralHandoff& referral);
};

// Stands in for a referral that could not be read: the ticket needs a person all the more.
contracts::ReferralHandoff unreadable_referral(const std::string& tenant, const std::string& ticket_id, const std::string& code);

contracts::HandoffOpened to_message(const Handoff& handoff);

}  // namespace countersign::approval
