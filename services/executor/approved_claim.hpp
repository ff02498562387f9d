#pragma once

// judge_standing: whether an approval still stands for what would be done now. Pure; asked in the claim transaction, of what that has
// locked.
//
//     row ─▶ digests ─▶ countersignature ─▶ ticket version ─▶ the action, as the gate sees it now ─▶ requirement ─▶ operation key
//         ─▶ times ─▶ target read just now
//
// What is wrong with the token or the row is refused for good. What has only moved on is asked again. What has only become old is looked
// at again, or renewed.
//
// Not ours   Whether the countersignature was used for another effect: the claimer records its use.
// Threads    Any thread.

#include <optional>
#include <string>

#include "executor/approval_drafter.hpp"
#include "executor/approval_keys.hpp"

namespace countersign::executor {

enum class Standing {
  stands,
  ask_again,   // code: why
  look_again,  // the target was read too long ago
  renew,       // the countersignature came too late
  refuse,      // code: what is wrong
};

struct StandingVerdict {
  Standing standing = Standing::refuse;
  std::string code{};
};

struct StandingFacts {
  const TicketCase& one;
  const Step& step;
  const Approval& approval;  // cleared or consumed
  DraftParts parts;
  const OperationHolder* holder = nullptr;  // of the operation key, when it is another effect
  base::WallTime now{};
};

StandingVerdict judge_standing(const StandingFacts& facts, const ApprovalKeys& keys);

}  // namespace countersign::executor
