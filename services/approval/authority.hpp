#pragma once

// Authority: who may say what about an approval, and when enough people have. Pure, and the only place that knows.
//
//     entitled   holds a role that the requirement names; is not the requester, the actor or anybody excluded, under whatever name; and an
//                issuer that speaks for them may do so for this person, tool, class and amount
//     to deny or to ask for changes takes the same as to approve
//     to approve takes more: not twice; through an issuer that has not vouched for somebody else here; not by who asked for changes in this
//                ticket before; and after a denial of the same operation not before the one who denied it
//
// Threads    Any thread.
// Failure    Refuses with excluded, role_missing, vouching_person, vouching_limit, already_decided, issuer_spent, contributed,
// denied_before.

#include <optional>
#include <set>
#include <string>

#include "approval/approval_messages.hpp"
#include "approval/voice.hpp"
#include "domain/risk.hpp"

namespace countersign::approval {

// What is asked, and what bears on who may answer.
struct Question {
  const Approval& approval;
  std::optional<domain::RiskClass> risk{};  // absent: the manifest of the action is not the one we know
  std::optional<std::string> denier{};      // who denied this operation last
  std::set<std::string> contributors{};     // who had a part in what is asked
  std::string audience{};                   // of decisions that are meant for this deployment
};

base::Result<void> check_authority(const Question& question, const Voice& voice);

// A vote as the tables have it that its signature does not bear out.
struct Doubt {
  base::Uuid decision{};
  std::string code{};
};

// The approving decisions that still hold: of people who are still entitled, and who have signed them. That a row says so proves nothing:
// each signature is verified again, with the keys of all believed versions of the signer that nobody revoked.
struct Tally {
  bool met = false;
  People people{};  // those it takes, each with a role in which they count
  std::vector<contracts::CountersignedDecision> decisions{};
  std::vector<Doubt> doubts{};
};
Tally tally(const Question& question, const catalog::Directory& directory);

}  // namespace countersign::approval
